import Acquisition
import Metering
import Modbus
import Testing

@testable import Commissioning

@Suite("One point read once")
struct PointTrialTests {
    /// A device that gives these words, or fails.
    private final class ScriptedLine: DeviceLine {
        let answer: Result<[UInt16], ModbusFailure>
        let isSerial: Bool

        init(_ answer: Result<[UInt16], ModbusFailure>, isSerial: Bool) {
            (self.answer, self.isSerial) = (answer, isSerial)
        }

        func read(_ request: ReadRequest) throws(ModbusFailure) -> [UInt16] { try answer.get() }
        func identify(_ unit: UInt8) throws(ModbusFailure) -> [UInt8: String] { [:] }
    }

    private func trial(
        _ answer: Result<[UInt16], ModbusFailure>, isSerial: Bool = true, order: RegisterOrder = .abcd,
        range: ClosedRange<Double>? = nil
    ) -> PointTrial {
        let map = RegisterMap(table: .input, address: 1000, type: .float32, order: order)
        let point = MeasuredPoint(
            index: 0, name: "nox", kind: .gauge, unit: "mg/m3", map: map, interval: 1000, range: range)
        let meter = MeterDefinition(name: "stack", link: "line", unit: 7, interval: 1000, points: [point])
        return PointTrial(point, of: meter, over: ScriptedLine(answer, isSerial: isSerial))
    }

    @Test("shows the frames of a serial line with their checksums, and the value that they make")
    func serial() {
        let good = trial(.success([0x4367, 0x6666]))
        // 231.4 as a float; both checksums were computed by another program.
        #expect(good.trace[1] == "> 07 04 03 E8 00 02 F1 DD")
        #expect(good.trace[3] == "< 07 04 04 43 67 66 66 92 55")
        #expect(good.trace[5] == "= float32 ABCD: 231.4 mg/m3")
        #expect(good.isSound && good.advice == nil && good.name == "stack.nox")
    }

    @Test("shows the header of TCP, and an exception by its name")
    func tcp() {
        let refused = trial(.failure(.exception(2)), isSerial: false)
        #expect(refused.trace[1] == "> 00 00 00 00 00 06 07 04 03 E8 00 02")
        #expect(refused.trace[3] == "< 00 00 00 00 00 03 07 84 02")
        #expect(!refused.isSound && refused.advice?.contains("count from 1") == true)
    }

    @Test("says which order would make sense where the configured one does not")
    func order() {
        let swapped = trial(.success([0x6666, 0x4367]), range: 0...2000)
        #expect(!swapped.isSound)
        #expect(swapped.advice == "as 'type: float32, order: CDAB' it would be 231.4, which is likelier")
    }

    @Test(
        "says what to look at for each kind of silence",
        arguments: [
            (ModbusFailure.timeout, "polarity"), (.crc, "rate, parity"), (.refused, "host, port"),
            (.exception(1), "holding 1000"), (.exception(11), "behind it"),
        ])
    func silence(_ failure: ModbusFailure, _ word: String) {
        let silent = trial(.failure(failure))
        #expect(silent.advice?.contains(word) == true, "\(silent.advice ?? "")")
    }
}

@Suite("A first configuration")
struct FirstConfigurationTests {
    @Test("a profile is chosen by what the device says of itself, and by no short word")
    func profile() {
        let profiles = [("eastron-sdm630", "Eastron SDM630, electricity meter"), ("abb-b23", "ABB B series")]
            .map { (name: $0.0, title: $0.1) }
        #expect(FirstConfiguration.profile(for: "Eastron SDM630", among: profiles) == "eastron-sdm630")
        #expect(FirstConfiguration.profile(for: "of a B", among: profiles) == nil)
    }
}

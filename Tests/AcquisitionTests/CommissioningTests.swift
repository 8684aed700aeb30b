import Foundation
import Metering
import Modbus
import Platform
import Testing

@testable import Acquisition

@Suite("Finding out what is on a line")
struct CommissioningTests {
    /// Units with registers, without a wire.
    private final class Bench: DeviceLine {
        var holding: [UInt8: [Int: UInt16]] = [:]
        var objects: [UInt8: [UInt8: String]] = [:]
        var asked = 0

        func read(_ request: ReadRequest) throws(ModbusFailure) -> [UInt16] {
            asked += 1
            guard let unit = holding[request.unit] else { throw .timeout }
            guard request.function == .holdingRegisters else { throw .exception(1) }
            var words: [UInt16] = []
            for address in Int(request.address)..<Int(request.address) + request.count {
                guard let word = unit[address] else { throw .exception(2) }
                words.append(word)
            }
            return words
        }

        func identify(_ unit: UInt8) throws(ModbusFailure) -> [UInt8: String] {
            guard let found = objects[unit] else { throw .exception(1) }
            return found
        }

        func place(_ words: [UInt16], at address: Int, unit: UInt8 = 1) {
            for (offset, word) in words.enumerated() { holding[unit, default: [:]][address + offset] = word }
        }
    }

    private func text(_ text: String, registers: Int) -> [UInt16] {
        let bytes = Array(text.utf8) + Array(repeating: 0, count: registers * 2 - text.utf8.count)
        return stride(from: 0, to: bytes.count, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
    }

    @Test("a SunSpec meter is recognised by walking its chain of models")
    func sunSpec() throws {
        let bench = Bench()
        bench.place([0x5375, 0x6E53], at: 40_000)
        let common =
            text("Works", registers: 16) + text("M 203", registers: 16) + text("", registers: 16)
            + text("4711", registers: 16) + [1, 0x8000]
        bench.place([1, 66] + common, at: 40_002)
        bench.place([203, 105] + Array(repeating: 0, count: 105), at: 40_070)
        bench.place([0xFFFF, 0], at: 40_177)
        let found = try #require(try FoundUnit.look(at: 1, over: bench))
        let device = try #require(found.sunSpec)
        #expect(device.models.map(\.id) == [1, 203])
        #expect(device.models.map(\.address) == [40_002, 40_070])
        #expect(device.models[1].title == "meter")
        #expect(found.vendor == "Works")
        #expect(found.product == "M 203")
        #expect(device.serial == "4711")
        #expect(found.failure == .exception(2))
    }

    @Test("a chain without an end is not followed for ever")
    func endless() throws {
        let bench = Bench()
        bench.place([0x5375, 0x6E53], at: 0)
        bench.place(Array(repeating: 0, count: 4000), at: 2)
        #expect(try FoundUnit.look(at: 1, over: bench)?.sunSpec?.models.count == 64)
    }

    @Test("who keeps silent is not there; a line that is down ends the search")
    func silent() throws {
        let bench = Bench()
        bench.objects[3] = [0: "Works", 1: "X"]
        bench.place([7], at: 0, unit: 3)
        #expect(try FoundUnit.look(at: 2, over: bench) == nil)
        #expect(bench.asked == 1)
        let found = try #require(try FoundUnit.look(at: 3, over: bench))
        #expect(found.vendor == "Works" && found.product == "X" && found.sunSpec == nil && found.failure == nil)
        let nowhere = DirectLine(
            LinkDefinition(
                name: "l",
                transport: .rtu(SerialLine(device: "/dev/serial/none", baud: 9600, parity: .none, stopBits: 1))))
        #expect(throws: ModbusFailure.linkDown) { try FoundUnit.look(at: 1, over: nowhere) }
    }

    @Test("what a block refuses is left open, the rest is read")
    func block() throws {
        let bench = Bench()
        bench.place([1, 2, 3], at: 10)
        bench.place([5, 6], at: 14)
        let block = try BlockReading.read(1, .holdingRegisters, 10, 6, over: bench)
        #expect(block.cells == [1, 2, 3, nil, 5, 6])
        #expect(throws: ModbusFailure.exception(2)) { try BlockReading.read(1, .holdingRegisters, 90, 4, over: bench) }
        #expect(throws: ModbusFailure.exception(1)) { try BlockReading.read(1, .inputRegisters, 10, 4, over: bench) }
    }

    @Test("who asks a busy line waits for room once, however many questions a block that is refused comes to")
    func waitsOnce() throws {
        let worker = LinkWorker.polling(.tcp(host: "127.0.0.1", port: 1), [], ReadingBasket())
        let asking = try OwnThread(name: "asks") {
            _ = try? BlockReading.read(1, .holdingRegisters, 0, 4, over: SharedLine(worker))
        }
        var waiting: Set<Int64> = []
        var asked = 0
        while asked < 7 {
            guard let job = worker.jobs.next() else {
                usleep(1000)
                continue
            }
            asked += 1
            waiting.insert(job.waitingSince)
            job.finish(.failure(.exception(2)))
        }
        asking.join()
        #expect(waiting.count == 1)
    }

    private func registers(_ pattern: UInt64, _ count: Int, _ order: RegisterOrder) -> [UInt16] {
        let words = (0..<count).map { UInt16(truncatingIfNeeded: pattern >> UInt64(16 * (count - 1 - $0))) }
        let swapped = order.swapsBytes ? words.map(\.byteSwapped) : words
        return order.lowWordFirst ? swapped.reversed() : swapped
    }

    @Test("the right decoding of what meters serve is the likeliest, in every order", arguments: RegisterOrder.allCases)
    func likeliest(order: RegisterOrder) throws {
        let floats: [Float] = [231.5, 230.9, 12.25, 49.98, 0.97, -3.4, 17_250.75]
        let words = floats.flatMap { registers(UInt64($0.bitPattern), 2, order) }
        let block = BlockReading(function: .holdingRegisters, address: 100, cells: words)
        for (index, value) in floats.enumerated() {
            let best = try #require(Decoding.all(of: block).first { $0.address == 100 + 2 * index })
            #expect(best.type == .float32 && best.order == order, "\(value)")
            #expect(best.value.map { Float($0) } == value)
        }
    }

    @Test("so is that of counters, whose bytes are rarely swapped", arguments: [RegisterOrder.abcd, .cdab])
    func likeliestCounter(order: RegisterOrder) {
        let counters: [UInt64] = [4_711_234, 98_765, 12_345_678]
        let counted = BlockReading(
            function: .holdingRegisters, address: 0, cells: counters.flatMap { registers($0, 2, order) })
        for (index, value) in counters.enumerated() {
            let likely = Decoding.all(of: counted).filter { $0.address == 2 * index }.prefix(3)
            #expect(likely.contains { $0.type == .uint32 && $0.value == Double(value) }, "\(value) \(likely)")
        }
    }

    @Test("texts are found, and bits are bits")
    func texts() throws {
        let block = BlockReading(function: .holdingRegisters, address: 0, cells: text("SDM630 V2", registers: 5))
        let best = try #require(Decoding.all(of: block).first)
        #expect(best.type == .string && best.text == "SDM630 V2" && best.count == 5)
        let bits = BlockReading(function: .coils, address: 3, cells: [1, nil, 0])
        #expect(Decoding.all(of: bits).map(\.address) == [3, 5])
        #expect(Decoding.all(of: bits).map(\.value) == [1, 0])
    }
}

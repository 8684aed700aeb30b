import Foundation
import Metering
import Modbus
import PlantConfiguration
import Scenarios
import TestKit
import Testing

@testable import emsim

@Suite("A simulated plant")
struct SimulatedPlantTests {
    private func point(
        _ name: String, _ index: PointIndex, _ map: RegisterMap, kind: PointKind = .gauge, _ signal: SimulatedSignal,
        modulus: Double? = nil
    ) -> SimulatedPoint {
        SimulatedPoint(
            point: MeasuredPoint(index: index, name: name, kind: kind, map: map, interval: 1000),
            source: SignalSource(signal, seed: 1, name: name), modulus: modulus)
    }

    private func unit(
        _ points: [SimulatedPoint], faults: [SimulatedFault] = [], refusesHoles: Bool = false, maxRegisters: Int = 125
    ) -> SimulatedUnit {
        var behavior = Scenario.MeterBehavior()
        behavior.refusesHoles = refusesHoles
        let definition = MeterDefinition(
            name: "m", title: "Meter", link: "l", unit: 1, interval: 1000, points: points.map(\.point),
            maxRegisters: maxRegisters)
        let armed = faults.enumerated().map {
            ArmedFault(fault: $0.element, index: $0.offset, chance: Chance(seed: 1, name: "f"))
        }
        let meter = SimulatedMeter(definition: definition, points: points, behavior: behavior, faults: armed)
        return SimulatedUnit([meter], clock: SimulationClock(epoch: nil, speed: 1))
    }

    /// Reads holding registers over a real connection.
    private func read(_ unit: SimulatedUnit, _ address: UInt8, _ count: UInt8, times: Int = 1) throws -> [[UInt8]] {
        let link = ServedLink(
            name: "l", endpoint: .port(host: "127.0.0.1", port: 0, framing: .tcp), units: [1: unit])
        let server = try ModbusServer([link])
        defer { server.stop() }
        guard case .port(let port) = server.addresses[0] else { return [] }
        return (0..<times).map { _ in Wire.ask(port, [1, 3, 0, address, 0, count]) }
    }

    @Test("points that share registers and bits are all there, holes read zero")
    func registers() throws {
        let unit = unit([
            point(
                "low", 0, RegisterMap(table: .holding, address: 10, type: .uint16, bits: 0...3),
                SimulatedSignal(.constant(5))),
            point(
                "high", 1, RegisterMap(table: .holding, address: 10, type: .uint16, bits: 8...15),
                SimulatedSignal(.constant(0x21))),
            point(
                "scaled", 2, RegisterMap(table: .holding, address: 12, type: .int16, scaleRegister: 13),
                SimulatedSignal(.constant(4.2), exponent: -1)),
        ])
        #expect(try read(unit, 10, 4) == [[3, 8, 0x21, 5, 0, 0, 0, 42, 0xFF, 0xFF]])
    }

    @Test("a meter refuses holes where the scenario says so, and more registers than it has a mind for")
    func refusals() throws {
        let points = [
            point("a", 0, RegisterMap(table: .holding, address: 10, type: .uint16), SimulatedSignal(.constant(1))),
            point("b", 1, RegisterMap(table: .holding, address: 12, type: .uint16), SimulatedSignal(.constant(2))),
        ]
        #expect(try read(unit(points, refusesHoles: true), 10, 3) == [[0x83, 2]])
        #expect(try read(unit(points, maxRegisters: 2), 10, 3) == [[0x83, 3]])
        #expect(try read(unit(points), 10, 3) == [[3, 6, 0, 1, 0, 0, 0, 2]])
    }

    @Test("a counter starts anew at its modulus, a jump shows once, a missing value is the sentinel")
    func values() throws {
        let counter = point(
            "c", 0, RegisterMap(table: .holding, address: 1, type: .uint16), kind: .counter,
            SimulatedSignal(.constant(1234)),
            modulus: 1000)
        #expect(try read(unit([counter]), 1, 1) == [[3, 2, 0, 234]])
        let gauge = point(
            "g", 0, RegisterMap(table: .holding, address: 1, type: .uint16, sentinels: [0x8000]),
            SimulatedSignal(.constant(7)))
        let jump = SimulatedFault(.jump, of: .meter("m"), value: 99)
        #expect(
            try read(unit([gauge], faults: [jump]), 1, 1, times: 3) == [[3, 2, 0, 99], [3, 2, 0, 7], [3, 2, 0, 7]])
        #expect(
            try read(unit([gauge], faults: [SimulatedFault(.missing, of: .meter("m"))]), 1, 1) == [[3, 2, 0x80, 0]])
        let ramp = point(
            "r", 0, RegisterMap(table: .holding, address: 1, type: .uint16), SimulatedSignal(.ramp(start: 8, rate: 1)))
        #expect(try read(unit([ramp], faults: [SimulatedFault(.stuck, of: .meter("m"))]), 1, 1) == [[3, 2, 0, 8]])
    }

    @Test("a device names itself")
    func identification() throws {
        let gauge = point(
            "g", 0, RegisterMap(table: .holding, address: 1, type: .uint16), SimulatedSignal(.constant(7)))
        let link = ServedLink(
            name: "l", endpoint: .port(host: "127.0.0.1", port: 0, framing: .tcp), units: [1: unit([gauge])])
        let server = try ModbusServer([link])
        defer { server.stop() }
        guard case .port(let port) = server.addresses[0] else { return }
        let answer = Wire.ask(port, [1, 0x2B, 0x0E, 1, 0])
        #expect(
            answer == [0x2B, 0x0E, 1, 0x81, 0, 0, 3, 0, 5] + "emsim".utf8 + [1, 5] + "Meter".utf8 + [2, 1] + "1".utf8)
    }

    @Test("the configuration of a fleet is one that the daemon accepts")
    func fleet() throws {
        let text = FleetConfiguration(meters: 25, links: 4, portBase: 20_000, interval: "2s").text
        let folder = try TemporaryFolder()
        let report = PlantLoader.load(path: try folder.write("fleet.yaml", text))
        #expect(report.faults == [])
        #expect(report.plant?.meters.count == 25)
        #expect(Set(report.plant?.meters.map { "\($0.link) \($0.unit)" } ?? []).count == 25)
    }

    @Test("a link elsewhere is not served here, unless at a port of its own")
    func placement() throws {
        let link = LinkDefinition(name: "far", transport: .tcp(host: "10.1.2.3", port: 502))
        #expect(throws: PlacementFault.self) { try SimulatedPlant.Placement().endpoint(of: link, 0) }
        #expect(
            try SimulatedPlant.Placement(portBase: 5000).endpoint(of: link, 2)
                == .port(host: "127.0.0.1", port: 5002, framing: .tcp))
        let line = LinkDefinition(
            name: "line", transport: .rtu(SerialLine(device: "/dev/ttyS9", baud: 9600, parity: .none, stopBits: 1)))
        #expect(
            try SimulatedPlant.Placement(terminals: "/tmp/x").endpoint(of: line, 0) == .terminal(path: "/tmp/x/line"))
    }
}

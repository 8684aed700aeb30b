import Foundation
import Metering
import PlantConfiguration
import Scenarios
import TestKit
import Testing

@testable import emsim

@Suite("Scenarios")
struct ScenarioTests {
    static let plantText = """
        site: {name: Works, timezone: Europe/Stockholm}
        links:
          hall: {transport: tcp, host: 127.0.0.1, port: 1502}
          line: {transport: rtu, device: /tmp/line}
        meters:
          incomer:
            link: hall
            unit: 1
            interval: 1s
            points:
              power: {register: input 0, type: float32, unit: kW, kind: gauge}
              energy: {register: holding 2, type: uint32, unit: kWh, kind: counter, modulus: 1000, max_rate: 100}
          stack:
            link: line
            unit: 7
            interval: 1s
            points:
              nox: {register: input 0, type: int16, scale_register: 9, unit: mg/m3, kind: gauge}
        derived:
          stack.nox_ref: {formula: stack.nox * 2, unit: mg/m3}

        """

    /// The report about a scenario of that text, its file named `s.yaml`.
    private func read(_ text: String, files: [String: String] = [:]) throws -> ScenarioReport {
        let folder = try TemporaryFolder()
        for (name, content) in files.merging(
            ["p.yaml": ScenarioTests.plantText, "s.yaml": text], uniquingKeysWith: { a, _ in a })
        {
            try folder.write(name, content)
        }
        let loaded = PlantLoader.load(path: folder.file("p.yaml"))
        let plant = try #require(loaded.plant, "\(loaded.faults)")
        var report = ScenarioLoader.load(path: folder.file("s.yaml"), plant: plant)
        report.faults = report.faults.map { fault in
            var fault = fault
            fault.file = URL(fileURLWithPath: fault.file).lastPathComponent
            return fault
        }
        return report
    }

    @Test("everything a scenario can say is read")
    func everything() throws {
        let report = try read(
            """
            epoch: 2026-11-01
            seed: 42
            signals:
              incomer.power: {profile: {06:00: 100, 18:00: 40}, noise: 3, noise_every: 5s}
              incomer.energy: {counter: incomer.power, start: 990, per: 1h, factor: 2}
              stack.nox: {csv: trace.csv, column: nox, repeat: true, exponent: -1}
            meters:
              stack: {delay: 20ms, holes: refuse}
            faults:
              - {meter: stack, fault: exception, code: 6, from: 30s, for: 10s, every: 1m, chance: 1/2}
              - {meter: stack, fault: jump, points: [nox], value: -1, from: 5s}
              - {link: hall, fault: down, from: 1h, for: 1m}
            """, files: ["trace.csv": "time,o2,nox\n0,1,150\n10,1,\n20,1,250\n"])
        #expect(report.faults == [])
        let scenario = try #require(report.scenario)
        #expect(scenario.seed == 42)
        #expect(scenario.epoch?.text == "2026-10-31T23:00:00Z")
        #expect(scenario.behavior["stack"]?.delay == 20)
        #expect(scenario.behavior["stack"]?.refusesHoles == true)
        #expect(scenario.faults.map(\.kind) == [.exception, .jump, .down])
        #expect(scenario.faults[0].chance == 0.5)
        let power = SignalSource(try #require(scenario.signals[0]), seed: 1, name: "p")
        #expect(abs(power.value(at: 43_200_000) - 70) <= 3, "noon lies between the values of morning and evening")
        #expect(abs(power.value(at: 0) - 70) <= 3, "and midnight between those of evening and morning")
        let nox = SignalSource(try #require(scenario.signals[2]), seed: 1, name: "n")
        #expect([0, 19_999, 20_000, 39_999, 40_000].map { nox.value(at: $0) } == [150, 150, 250, 250, 150])
    }

    @Test("every fault is said at once, with its place")
    func faults() throws {
        let report = try read(
            """
            signals:
              incomer.powr: 5
              stack.nox_ref: 5
              incomer.power: {constant: 5, ramp: 7}
              incomer.energy: {counter: incomer.energy, strat: 4}
              stack.nox: {steps: {60s: 5, 30s: 4}}
            meters:
              stak: {}
            faults:
              - {meter: stack, fault: transaction, code: 4}
              - {link: hall, fault: crc}
              - {fault: silent}
              - {meter: incomer, fault: silnt, every: 5s}
              - {meter: incomer, fault: down, from: 5}
            colour: red
            """)
        #expect(report.scenario == nil)
        let starts = [
            "s.yaml:2:3: error: unknown point 'incomer.powr' (did you mean 'incomer.power'?)",
            "s.yaml:3:3: error: 'stack.nox_ref' is a derived point, which no meter shows",
            "s.yaml:4:3: error: signal 'incomer.power' has one of constant, ramp, steps, line, profile, csv, counter",
            "s.yaml:5:29: error: a counter counts a gauge or a state, and 'incomer.energy' is itself",
            "s.yaml:5:45: error: unknown key 'strat'",
            "s.yaml:6:22: error: 'steps' is a section of ascending times with values, such as {0s: 150, 60s: 260}, none later than 'repeat'",
            "s.yaml:8:3: error: unknown meter 'stak' (did you mean 'stack'?)",
            "s.yaml:10:27: error: link 'line' speaks RTU, which has no transactions",
            "s.yaml:10:40: error: 'code' means nothing to this fault",
            "s.yaml:11:25: error: link 'hall' speaks Modbus TCP, which has no checksum",
            "s.yaml:12:5: error: a fault befalls either a 'meter' or a 'link'",
            "s.yaml:13:29: error: 'fault' takes one of silent, exception,",
            "s.yaml:14:29: error: 'down' befalls a link; a single meter can be silent",
            "s.yaml:14:41: error: 'from'",
            "s.yaml:15:1: error: unknown key 'colour'",
        ]
        #expect(report.faults.count == starts.count)
        for (fault, start) in zip(report.faults, starts) { #expect(fault.description.hasPrefix(start)) }
    }

    @Test(
        "a bad row of a CSV file is said with its file and line",
        arguments: [
            ("time,nox\n0,1\n1,x\n", "trace.csv:3:1: error: 'x' is not a number"),
            ("time,nox\n5,1\n4,2\n", "trace.csv:3:1: error: the times do not ascend"),
            (
                "time,nox\nyesterday,1\n",
                "trace.csv:2:1: error: a row begins with seconds or an instant and has the header's columns"
            ),
        ])
    func recordings(csv: String, message: String) throws {
        let report = try read("signals:\n  stack.nox: {csv: trace.csv, column: nox}\n", files: ["trace.csv": csv])
        #expect(report.faults.map(\.description).first == message)
    }

    @Test("a file that is not there is a fault like any other")
    func missing() throws {
        let report = try read("signals:\n  stack.nox: {csv: none.csv, column: nox}\n")
        #expect(report.faults.count == 1)
        #expect(report.faults.first?.line == 2)
    }
}

import Conformity
import Indicators
import Metering
import Testing

@testable import PlantConfiguration

@Suite("A configuration")
struct PlantLoaderTests {
    private static let start = """
        site: {name: Works, timezone: Europe/Stockholm}
        links: {hall: {transport: tcp, host: 10.0.0.1}, line: {transport: rtu, device: /dev/ttyS0}}

        """

    private func plant(_ text: String, beside others: [String: String] = [:]) throws -> Plant {
        let report = try Files.report(text, beside: others)
        #expect(report.errors.map(\.description) == [])
        return try #require(report.plant)
    }

    @Test("that is shipped as the example has nothing wrong with it")
    func exampleIsWhole() throws {
        let report = PlantLoader.load(path: Files.configuration + "/emsd.yaml")
        #expect(report.faults.map(\.description) == [])
        let plant = try #require(report.plant)
        #expect(plant.site == Plant.Site(name: "Borås works", timezone: "Europe/Stockholm"))
        #expect(plant.storage.readingRetention == Int64(400 * 86_400_000))
        #expect(plant.storage.indicatorRetention == Int64(3650 * 86_400_000))
        #expect(plant.alerts.map(\.minimum) == [.info, .warning])
        #expect(plant.meters.map(\.name) == ["incomer", "water", "stack"])
        #expect(plant.objectives.count == 8)
    }

    @Test("of a thousand meters on a link each, behind one address, is read with one warning")
    func thousandMeters() throws {
        let points = (0..<20).map {
            "p\($0): {register: holding \(2 * $0), type: float32, unit: kW, kind: gauge, title: Power}"
        }.joined(separator: ", ")
        let lines =
            ["site: {name: Works, timezone: UTC}", "links:"]
            + (0..<1000).map { "  l\($0): {transport: tcp, host: 10.0.0.1}" } + ["meters:"]
            + (0..<1000).map { "  m\($0): {link: l\($0), unit: 1, points: {\(points)}}" }
        let report = try Files.report(lines.joined(separator: "\n"))
        #expect(report.plant?.plan.points.count == 20_000)
        #expect(report.faults.count == 1)
        #expect(report.warnings.first?.line == 4)
        #expect(report.warnings.first?.message.contains("and so do 998 more") == true)
    }

    @Test("has the defaults of the contract where it says nothing")
    func hasDefaults() throws {
        let plant = try plant(
            Self.start + "meters: {a: {link: hall, unit: 1, points: {p: {register: input 7, type: float32}}}}\n")
        #expect(
            plant.storage
                == Plant.Storage(
                    directory: "/var/lib/emsd", readingRetention: nil, indicatorRetention: nil, sync: .normal))
        #expect(plant.api == Plant.API(socket: "/run/emsd/emsd.sock", operators: []))
        #expect(plant.metricsListen == nil)
        #expect(plant.links[0] == LinkDefinition(name: "hall", transport: .tcp(host: "10.0.0.1", port: 502)))
        #expect(plant.links[0].timeout == 1000)
        #expect(
            plant.links[1].transport == .rtu(SerialLine(device: "/dev/ttyS0", baud: 19_200, parity: .even, stopBits: 1))
        )
        #expect(plant.meters[0].interval == 10_000)
        #expect(plant.meters[0].maxRegisters == 125)
        #expect(plant.meters[0].bridgeHoles)
        #expect(plant.plan.points[0] == PointDefinition(name: "a.p", kind: .gauge, maxGap: 30_000))
    }

    @Test("takes 06:00, on and yes for text, as YAML 1.2 does")
    func takesYaml12() throws {
        let plant = try plant(
            """
            site: {name: on, timezone: UTC}
            meters: {a: {title: yes, interval: 1m, points: {p: {kind: gauge}}}}
            indicators: {x: {window: [06:00, 14:00, 22:00], formula: mean(a.p)}}
            """)
        #expect(plant.site.name == "on")
        #expect(plant.meters[0].title == "yes")
        #expect(plant.plan.indicators[0].rule.grid == .shifts([21_600_000, 50_400_000, 79_200_000]))
    }

    @Test("of recorded meters needs neither links nor registers")
    func takesRecordedMeters() throws {
        let report = try Files.report(
            """
            site: {name: steel, timezone: Asia/Seoul}
            meters:
              furnace:
                interval: 15m
                points:
                  energy: {kind: counter, unit: kWh, max_rate: 5000}
                  power: {kind: gauge, unit: kW}
                  power_factor: {}
            indicators:
              e1d: {window: 1d, formula: delta(furnace.energy), unit: kWh}
              roll: {window: 7d, every: 1h, formula: mean(furnace.power), unit: kW}
            """)
        #expect(report.errors.isEmpty)
        #expect(report.warnings.map(\.line) == [3])
        let plant = try #require(report.plant)
        #expect(plant.meters[0].link == "")
        #expect(plant.meters[0].points.isEmpty)
        #expect(plant.plan.points.map(\.name) == ["furnace.energy", "furnace.power", "furnace.power_factor"])
        #expect(plant.plan.points.map(\.maxGap) == [2_700_000, 2_700_000, 2_700_000])
        #expect(
            plant.plan.indicators[1].rule == WindowRule(grid: .partOfDay(3_600_000), rolling: CalendarLength(7, .days)))
    }

    @Test(
        "reads every way of writing a register",
        arguments: [
            ("holding 40", RegisterTable.holding, 40), ("input 0x10", .input, 16), ("coil 0", .coil, 0),
            ("discrete 65535", .discrete, 65_535),
            ("40001", .holding, 0), ("30002", .input, 1), ("400001", .holding, 0), ("465536", .holding, 65_535),
            ("10005", .discrete, 4),
            ("00007", .coil, 6), ("\"40101\"", .holding, 100), ("input 30001", .input, 30_001),
        ] as [(String, RegisterTable, Int)])
    func readsRegisters(text: String, table: RegisterTable, address: Int) throws {
        let type = table.isBits ? "bool" : "int16"
        let plant = try plant(
            Self.start + "meters: {a: {link: hall, unit: 1, points: {p: {register: \(text), type: \(type)}}}}\n")
        #expect(plant.meters[0].points[0].map.table == table)
        #expect(Int(plant.meters[0].points[0].map.address) == address)
    }

    @Test("reads what a point can say of its decoding")
    func readsDecoding() throws {
        let plant = try plant(
            Self.start + """
                meters:
                  a:
                    link: line
                    unit: 7
                    interval: 5s
                    max_gap: 20s
                    max_registers: 60
                    bridge_holes: false
                    valid_when: v == 1
                    points:
                      e: {register: holding 40, type: uint32, order: CDAB, scale: 0.1, unit: kWh, kind: counter,
                          modulus: 429496729.6, max_rate: 500, sentinel: [0xFFFFFFFF, 5]}
                      f: {register: input 2, type: float32, sentinel: -9999, offset: -273.15, range: [-10.5, 2e3]}
                      i: {register: input 4, type: int16, sentinel: -32768, interval: 30s, frozen_after: 1h}
                      b: {register: input 5, type: uint16, bits: 4..7, kind: state, max_gap: 1m}
                      c: {register: input 6, type: uint16, bits: 3}
                      s: {register: holding 8, type: int16, scale_register: holding 9}
                      m: {register: holding 10, type: mod10k, registers: 3, sentinel: 99999999}
                      d: {register: holding 20, type: bcd16, sentinel: [9999, 0xFFFF]}
                      w: {register: holding 30, type: uint64, sentinel: [0xFFFFFFFFFFFFFFFF, 18446744073709551614]}
                      v: {register: discrete 4, kind: state}
                """)
        let meter = plant.meters[0]
        let maps = Dictionary(uniqueKeysWithValues: meter.points.map { ($0.name, $0.map) })
        #expect(meter.maxRegisters == 60 && !meter.bridgeHoles && meter.interval == 5000)
        #expect(meter.validWhen == Condition(.leaf(9), .equal, .number(1)))
        #expect(maps["e"]?.order == .cdab)
        #expect(maps["e"]?.sentinels == [0xFFFF_FFFF, 5])
        #expect(maps["f"]?.sentinels == [UInt64(Float(-9999).bitPattern)])
        #expect(maps["f"]?.offset == -273.15)
        #expect(meter.points[1].range == -10.5...2000)
        #expect(maps["i"]?.sentinels == [0x8000])
        #expect(meter.points[2].interval == 30_000)
        #expect(meter.points[2].frozenAfter == 3_600_000)
        #expect(maps["b"]?.bits == 4...7)
        #expect(maps["c"]?.bits == 3...3)
        #expect(maps["s"]?.scaleRegister == 9)
        #expect(maps["m"]?.count == 3)
        #expect(maps["m"]?.sentinels == [0x0000_270F_270F])
        #expect(maps["d"]?.sentinels == [0x9999, 0xFFFF])
        #expect(maps["w"]?.sentinels == [UInt64.max, UInt64.max - 1])
        #expect(maps["v"]?.type == .bool)
        let points = plant.plan.points
        #expect(points[0].modulus == 429_496_729.6 && points[0].maxRate == 500)
        #expect(points.map(\.maxGap) == [20_000, 20_000, 20_000, 60_000] + Array(repeating: 20_000, count: 6))
    }

    @Test("reads declared exchanges in the order of their times, dates as local midnights")
    func readsExchanges() throws {
        let plant = try plant(
            Self.start + """
                meters:
                  a:
                    interval: 1m
                    points:
                      e:
                        kind: counter
                        max_rate: 1
                        exchanges:
                          - {time: 2026-07-01, closing: 84213.4, opening: 12.7}
                          - {time: 2026-03-14T09:30:00+01:00, closing: 5, opening: 0}
                """)
        let exchanges = plant.plan.points[0].exchanges
        #expect(exchanges.map(\.time.text) == ["2026-03-14T08:30:00Z", "2026-06-30T22:00:00Z"])
        #expect(exchanges[1].closing == 84213.4 && exchanges[1].opening == 12.7)
    }

    @Test("has for its digest the file's own SHA-256, and another one for another profile")
    func hasDigest() throws {
        let bare = try plant("site: {name: x, timezone: UTC}\n")
        // printf 'site: {name: x, timezone: UTC}\n' | sha256sum
        #expect(bare.digest == "9a8387ccb63e6f79ccdf0a54b08a1e5f1a63f30488f90d6bbe75c5e64cae2a8f")
        let text = Self.start + "meters: {a: {link: hall, unit: 1, profile: own}}\n"
        let first = try plant(text, beside: ["profiles/own.yaml": "points: {p: {register: input 0, type: int16}}\n"])
        let second = try plant(text, beside: ["profiles/own.yaml": "points: {p: {register: input 1, type: int16}}\n"])
        #expect(first.digest != second.digest)
        #expect(first.digest.count == 64)
    }
}

@Suite("A counter's definition that can only be a mistake")
struct CounterMistakeTests {
    @Test(
        "is warned of where it stands",
        arguments: [
            ("type: int16, unit: kWh, kind: counter, max_rate: 500", "no sign"),
            ("type: uint16, scale: 1000, unit: kWh, kind: counter, max_rate: 500", "one step"),
            ("type: uint16, scale: 0.0001, unit: kWh, kind: counter, max_rate: 500, interval: 60s", "whole range"),
            ("type: int32, bits: 0..15, unit: kWh, kind: counter, max_rate: 500", "no sign"),
            ("type: uint32, scale: 0.1, unit: kWh, kind: counter, max_rate: 500", ""),
            ("type: int64, unit: kWh, kind: counter, max_rate: 500", ""),
            ("type: int32, unit: kWh, kind: net, max_rate: 500", ""),
            ("type: int32, unit: kW, kind: gauge", ""),
        ])
    func mistakes(point: String, word: String) throws {
        let report = try Files.report(
            """
            site: {name: Works, timezone: UTC}
            links: {hall: {transport: tcp, host: 10.0.0.1}}
            meters:
              m: {link: hall, unit: 1, interval: 1s, points: {e: {register: holding 1, \(point)}}}
            """)
        #expect(report.errors.map(\.description) == [])
        #expect(report.warnings.count == (word.isEmpty ? 0 : 1), "\(report.warnings)")
        if !word.isEmpty { #expect(report.warnings.first?.message.contains(word) == true) }
    }

    @Test("parts of an index go to the meter from the coarsest to the finest; of several meters they are warned of")
    func parts() throws {
        func report(_ formula: String) throws -> (Plant?, [String]) {
            let report = try Files.report(
                """
                site: {name: Works, timezone: UTC}
                links: {hall: {transport: tcp, host: 10.0.0.1}}
                meters:
                  m:
                    link: hall
                    unit: 1
                    interval: 1s
                    points:
                      wh: {register: holding 1, type: uint16, kind: gauge}
                      mwh: {register: holding 2, type: uint16, kind: gauge}
                      kwh: {register: input 3, type: uint16, kind: gauge}
                  n: {link: hall, unit: 2, interval: 1s, points: {kwh: {register: holding 1, type: uint16, kind: gauge}}}
                derived: {m.index: {formula: \(formula), kind: counter, max_rate: 100}}
                """)
            return (report.plant, report.warnings.map(\.message))
        }
        let (plant, warnings) = try report("m.mwh * 1000 + m.kwh + m.wh / 1000")
        #expect(warnings == [] && plant?.meters.first?.indexParts == [[1, 2, 0]])
        let (other, told) = try report("n.kwh + m.wh / 1000")
        #expect(told.count == 1 && told[0].contains("several meters"))
        #expect(other?.meters.first?.indexParts == [])
    }
}

import ConfigurationSource
import Metering
import Testing

@testable import PlantConfiguration

@Suite("Shipped profiles")
struct ProfileTests {
    static let names = Files.names(in: Files.profiles, ending: ".yaml")

    /// The meter that a profile makes.
    private static func meter(_ profile: String, _ points: String = "") throws -> (MeterDefinition, PlantReport) {
        let report = try Files.report(
            """
            site: {name: Works, timezone: UTC}
            links: {hall: {transport: tcp, host: h}}
            meters:
              m:
                link: hall
                unit: 1
                profile: \(profile)
            \(points)
            """)
        let plant = try #require(report.plant, "\(report.faults)")
        return (plant.meters[0], report)
    }

    @Test("are at least sixteen")
    func areEnough() { #expect(ProfileTests.names.count >= 16) }

    @Test("load without a fault or a warning, so that every counter has its greatest rate", arguments: names)
    func loadWithoutFault(name: String) throws {
        let (meter, report) = try ProfileTests.meter(name)
        #expect(report.faults.map(\.description) == [])
        #expect(!meter.points.isEmpty)
    }

    @Test("name their sources", arguments: names)
    func nameTheirSources(name: String) throws {
        let source = try SourceFile.read("\(Files.profiles)/\(name).yaml")
        let root = try #require(YamlTree.read(source, log: FaultLog()))
        guard case .mapping(let entries) = root.content else {
            Issue.record("no mapping")
            return
        }
        #expect(entries.contains { $0.key == "title" })
        let sources = entries.first { $0.key == "sources" }
        #expect((sources?.value.size ?? 0) > 1)
    }

    @Test(
        "decode what their device answers",
        arguments: RegisterImage.shipped)
    func decode(image: RegisterImage) throws {
        let (meter, _) = try ProfileTests.meter(image.profile)
        let map = try #require(meter.points.first { $0.name == image.point }).map
        #expect(map.table == image.table)
        #expect(map.address == image.address)
        #expect(map.count == image.words.count)
        let decoded = map.decode(image.words.span, exponent: image.exponent)
        if image.value.isNaN {
            #expect(decoded.reason == .sentinel || decoded.reason == .notFinite)
        } else {
            #expect(abs(decoded.value - image.value) <= 1e-6 * max(abs(image.value), 1e-3))
        }
    }

    @Test("are each decoded by at least one image", arguments: names)
    func areEachDecoded(name: String) {
        #expect(RegisterImage.shipped.contains { $0.profile == name })
    }

    @Test("of analysers count nothing while the device says that its values do not hold")
    func analysersAreQualified() throws {
        for name in ["sick-marsic300", "teledyne-t100", "vaisala-gmp252", "vaisala-hmp110", "senseair-s8"] {
            #expect(try ProfileTests.meter(name).0.validWhen != nil)
        }
    }

    @Test("are cut down to the points that a list names, and to those that say whether they hold")
    func pointsAreSelected() throws {
        let energy = try ProfileTests.meter("eastron-sdm630", "    points: [energy_import, power]").0
        #expect(energy.points.map(\.name) == ["energy_import", "power"])
        let stack = try ProfileTests.meter("sick-marsic300", "    points: [nox, o2]").0
        #expect(stack.points.map(\.name) == ["nox", "o2", "live"])
        let co2 = try ProfileTests.meter("vaisala-gmp252", "    points: [co2]\n    valid_when: co2 > 0").0
        #expect(co2.points.map(\.name) == ["co2"])
    }

    @Test("are extended and overridden by the points of a section")
    func pointsAreOverridden() throws {
        let (meter, report) = try ProfileTests.meter(
            "abb-b23",
            """
                max_registers: 50
                points:
                  energy_import: {max_rate: 700, modulus: 1e9, sentinel: ~}
                  reactive: {register: holding 0x5B1C, type: int32, scale: 0.01, unit: var}
            """)
        #expect(meter.points.count == 12)
        #expect(meter.points.map(\.name).last == "reactive")
        #expect(meter.maxRegisters == 50)
        let energy = try #require(report.plant?.plan.points[1])
        #expect(
            energy.name == "m.energy_import" && energy.maxRate == 700 && energy.modulus == 1e9 && energy.unit == "kWh")
        #expect(meter.points[1].map.sentinels.isEmpty)
        #expect(meter.points[2].map.sentinels == [UInt64.max])
        let listed = try ProfileTests.meter("abb-b23", "    points: [power, energy_import: {max_rate: 5}]")
        #expect(listed.0.points.map(\.name) == ["power", "energy_import"])
        #expect(listed.1.plant?.plan.points[1].maxRate == 5)
    }

    @Test("that are not found at all are said once, with the folders looked in and what to set")
    func nothingFoundIsSaidOnce() throws {
        let meters = (1...200).map { "  m\($0): {link: l, unit: 1, profile: kind\($0)}\n" }.joined()
        let text = "site: {name: x, timezone: UTC}\nlinks: {l: {transport: tcp, host: h}}\nmeters:\n" + meters
        let report = try Files.with(text) { path in
            let report = PlantLoader.load(path: path, builtIn: ["/nowhere/share/emsd/profiles"])
            let folder = path.dropLast("emsd.yaml".count)
            let errors = report.errors.map { $0.message.replacing(folder, with: "") }
            #expect(
                errors == [
                    "unknown profile 'kind1': there are no profiles in any of the folders looked in (profiles, "
                        + "/nowhere/share/emsd/profiles): set EMSD_PROFILES to the folder that has them"
                ])
            return report
        }
        #expect(report.plant == nil)
    }

    @Test(
        "are found by a part of the name, as it stands on the device",
        arguments: [
            ("sdm630", ["eastron-sdm630"]), ("Eastron SDM630", ["eastron-sdm630"]), ("sdm-630", ["eastron-sdm630"]),
            ("eastron", ["eastron-sdm120", "eastron-sdm630"]), ("pac3200", ["siemens-pac3200"]),
            ("eastrn-sdm630", ["eastron-sdm630"]), ("sdm631", ["eastron-sdm630"]),
            ("iem3155", ["schneider-iem3000"]), ("x", []), ("unlike-anything", []),
        ])
    func areFoundByAPart(name: String, meant: [String]) {
        #expect(ProfileName.matches(name, among: ProfileTests.names) == meant)
    }

    @Test("beside the configuration come before those that come with the program")
    func ownProfilesComeFirst() throws {
        let report = try Files.report(
            "site: {name: x, timezone: UTC}\nlinks: {l: {transport: tcp, host: h}}\nmeters: {m: {link: l, unit: 1, profile: senseair-s8}}\n",
            beside: ["profiles/senseair-s8.yaml": "points: {own: {register: input 3, type: int16}}\n"])
        #expect(report.plant?.plan.points.map(\.name) == ["m.own"])
    }
}

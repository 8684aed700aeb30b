import ConfigurationSource
import Testing

@testable import PlantConfiguration

@Suite("YAML")
struct YamlTests {
    private func scalar(_ text: String, _ style: YamlScalar.Style = .plain) -> YamlScalar {
        YamlScalar(text: text, style: style, endLine: 1)
    }

    @Test(
        "has the whole numbers of the 1.2 core schema",
        arguments: [
            ("0", 0), ("-17", -17), ("+5", 5), ("007", 7), ("0x1F", 31), ("0o17", 15), ("1_000", nil), ("--5", nil),
            ("5.0", nil),
            ("0x", nil), ("0x-1", nil), ("0b1", nil), ("", nil), ("12h", nil), ("9223372036854775807", Int64.max),
            ("9223372036854775808", nil), ("1:30", nil),
        ] as [(String, Int64?)])
    func hasIntegers(text: String, value: Int64?) {
        #expect(scalar(text).integer == value)
        #expect(scalar(text, .doubleQuoted).integer == nil)
    }

    @Test(
        "has the numbers of the 1.2 core schema",
        arguments: [
            ("1.5", 1.5), (".5", 0.5), ("5.", 5), ("-1e3", -1000), ("1E-2", 0.01), ("429496729.6", 429_496_729.6),
            ("1e999", nil),
            (".inf", nil), (".nan", nil), ("nan", nil), ("inf", nil), ("0x1p3", nil), ("1e", nil), (".", nil),
            ("1.2.3", nil),
        ] as [(String, Double?)])
    func hasNumbers(text: String, value: Double?) { #expect(scalar(text).number == value) }

    @Test("knows true and false, and takes yes, on and their like for text")
    func hasFlags() {
        #expect(scalar("true").flag == true && scalar("FALSE").flag == false)
        for text in ["yes", "on", "y", "no", "off", "tRue", "1"] { #expect(scalar(text).flag == nil) }
        #expect(scalar("true", .singleQuoted).flag == nil)
        #expect(scalar("~").isNull && scalar("").isNull && scalar("null").isNull && !scalar("none").isNull)
    }

    @Test("lets a value be used again by an alias")
    func followsAliases() throws {
        let report = try Files.report(
            """
            site: {name: x, timezone: UTC}
            meters:
              a: {interval: 1m, points: &points {p: {unit: kW}}}
              b: {interval: 1m, points: *points}
            """)
        #expect(report.plant?.plan.points.map(\.name) == ["a.p", "b.p"])
    }

    @Test("finds the place of a character in every kind of scalar")
    func findsPlaces() throws {
        let source = SourceText(
            path: "x",
            bytes: Array(
                """
                a: b + cc
                b:  'it''s + cc'
                c: "x\\u0020+\\tcc"
                d: >-
                  one two
                  three cc
                e: one
                   two cc
                f: "å + cc"
                """.utf8))
        let log = FaultLog()
        let root = try #require(YamlTree.read(source, log: log))
        guard case .mapping(let entries) = root.content else {
            Issue.record("no mapping")
            return
        }
        let places = entries.map { entry -> String in
            let text = entry.value.scalar?.text ?? ""
            let offset = text.count - 2
            let mark = FormulaPosition.mark(of: offset, in: entry.value)
            return "\(mark.line):\(mark.column)"
        }
        #expect(places == ["1:8", "2:14", "3:15", "6:9", "8:8", "9:9"])
        #expect(!log.hasErrors)
    }

    @Test(
        "finds the name that was meant",
        arguments: [
            ("timout", "timeout"), ("baudrate", "baud"), ("pariyt", "parity"), ("running", "boiler.running"),
            ("xyzzy", nil), ("Title", "title"),
        ] as [(String, String?)])
    func findsNearest(name: String, nearest: String?) {
        let known = ["timeout", "baud", "parity", "boiler.running", "title"]
        #expect(NearestName.nearest(to: name, among: known) == nearest)
    }
}

import PlantConfiguration
import Reports
import TestKit
import Testing

@Suite("What a report sums, and of what it tells the mean")
struct AmountTests {
    @Test(
        "An amount is what adds up over time",
        arguments: [
            ("delta(m.energy)", true), ("integral(m.power)", true), ("0.001 * delta(m.energy)", true),
            ("delta(m.energy) / 3.6", true), ("delta(m.energy) - integral(m.power)", true), ("sum(day)", true),
            ("sum(day) + delta(m.energy)", true), ("greatest(0, delta(m.energy) - 0.5 * integral(m.power))", true),
            ("hours(m.power > 5)", true), ("mean(m.power)", false), ("mean(day)", false), ("sum(level)", false),
            ("delta(m.energy) / hours(m.power > 5)", false), ("delta(m.energy) - 5", false), ("rate(m.energy)", false),
            ("delta(m.energy) * delta(m.energy)", false), ("sqrt(delta(m.energy))", false), ("max(day)", false),
        ])
    func amounts(_ formula: String, _ isAmount: Bool) throws {
        #expect(try self.isAmount("{window: 1mo, formula: \"\(formula)\"}") == isAmount)
    }

    @Test("Windows that overlap have no sum")
    func rolling() throws {
        #expect(try !isAmount("{window: 24h, every: 1h, formula: delta(m.energy)}"))
    }

    private func isAmount(_ indicator: String) throws -> Bool {
        let folder = try TemporaryFolder()
        try folder.write(
            "emsd.yaml",
            """
            site: {name: Works, timezone: Europe/Stockholm}
            storage: {directory: \(folder.file("state"))}
            links: {l: {transport: tcp, host: 127.0.0.1}}
            meters:
              m:
                link: l
                unit: 1
                interval: 1m
                points:
                  energy: {register: holding 0, type: float32, unit: kWh, kind: counter}
                  power: {register: holding 2, type: float32, unit: kW}
            indicators:
              day: {window: 1d, formula: delta(m.energy)}
              level: {window: 1d, formula: mean(m.power)}
              asked: \(indicator)

            """)
        let loaded = try #require(PlantLoader.load(path: folder.file("emsd.yaml")).plant)
        let indicators = loaded.plan.indicators
        return Amounts.isAmount(try #require(indicators.firstIndex { $0.name == "asked" }), in: indicators)
    }
}

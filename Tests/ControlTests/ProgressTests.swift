import PlantAPI
import Platform
import Testing

@Suite("how far long work has come")
struct ProgressTests {
    @Test(
        "the line says how much is done, the rate and what remains, as far as they are known",
        arguments: [
            (0, nil, 0.0, "replay: 0 readings"), (1_234_567, nil, 0.5, "replay: 1,234,567 readings"),
            (1_234_567, 0.25, 2, "replay: 25 %, 1,234,567 readings, 617,283 a second, 6 s left"),
            (3, 0.005, 2, "replay: 0 %, 3 readings, 1.5 a second"),
            (1000, 0.02, 4, "replay: 2 %, 1,000 readings, 250 a second, 4 min left"),
            (1000, 1.2, 4, "replay: 100 %, 1,000 readings, 250 a second, 0 s left"),
        ] as [(Int, Double?, Double, String)])
    func text(amount: Int, share: Double?, seconds: Double, line: String) {
        #expect(WorkProgress("replay", amount, "readings", share: share).text(after: seconds) == line)
    }

    @Test("it is shown twice a second at the most, and other work begins its rate anew")
    func pace() {
        var pace = ProgressPace()
        let began = MonotonicMoment.now
        func shown(_ work: String, _ amount: Int, after milliseconds: Int) -> String? {
            pace.text(
                WorkProgress(work, amount, "readings", share: nil, detail: "2026-01-01"),
                at: began + .milliseconds(milliseconds))
        }
        #expect(shown("seals", 0, after: 0) == "seals: 0 readings; 2026-01-01")
        #expect(shown("seals", 10, after: 499) == nil)
        #expect(shown("seals", 4000, after: 2000)?.hasPrefix("seals: 4,000 readings, ") == true)
        #expect(shown("recomputing", 1, after: 2001) == "recomputing: 1 readings; 2026-01-01")
        #expect(shown("recomputing", 9, after: 2400) == nil)
        #expect(
            shown("recomputing", 4000, after: 4001) == "recomputing: 4,000 readings, 2,000 a second; 2026-01-01")
    }
}

import Programs
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
        #expect(ProgressLine.text("replay", amount, "readings", share: share, after: seconds) == line)
    }
}

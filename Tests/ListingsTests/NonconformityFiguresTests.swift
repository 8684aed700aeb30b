import Conformity
import Metering
import Testing

@testable import Listings

@Suite("The figures of nonconformities for a review")
struct NonconformityFiguresTests {
    private let start = Instant(milliseconds: 1_780_293_600_000)
    private let day: Int64 = 86_400_000

    /// One that was raised at the start and taken through those steps, so many days later each.
    private func one(_ id: String, overdue: Bool = false, _ steps: [(LifecycleStep.Kind, Int64)])
        -> ReviewedNonconformity
    {
        let finding = RaisedFinding(title: "Oil in the yard", source: .spill)
        let found = Nonconformity(
            finding, id: id, severity: .major, onset: start - day / 2, at: start, end: start,
            configurationDigest: "")
        let taken = steps.map { kind, days in
            LifecycleStep(
                kind, by: "anna", at: start + days * day, text: "said", category: kind == .cause ? .people : nil,
                isNoAction: kind == .action ? true : nil)
        }
        return ReviewedNonconformity(
            found: found, life: NonconformityLifecycle(id: id, steps: taken), isOverdue: overdue, areas: ["hall"])
    }

    @Test("raised, closed, open, overdue and reopened are counted in the stretch, steps have their medians in days")
    func counted() {
        let all = [
            one(
                "NC-2026-0001",
                [(.contain, 1), (.acknowledge, 1), (.cause, 3), (.action, 3), (.verify, 3), (.close, 3)]),
            one("NC-2026-0002", overdue: true, [(.acknowledge, 3)]),
            one("NC-2026-0003", [(.acknowledge, 4), (.cause, 4), (.action, 5), (.reopen, 8)]),
            one("NC-2026-0004", [(.reject, 1)]),
        ]
        let figures = NonconformityFigures(all, in: Window(start: start, end: start + 30 * day), judged: 4000)
        #expect(figures.raised == 4 && figures.closed == 1 && figures.open == 2 && figures.overdue == 1)
        #expect(figures.days[.acknowledged] == 3)
        #expect(figures.days[.cause] == 3.5)
        #expect(figures.days[.plan] == 4)
        #expect(figures.days[.contained] == 1.5, "from the onset")
        #expect(figures.days[.closed] == 3)
        #expect(figures.days[.done] == nil)
        #expect(figures.reopenedShare == 0.25)
        #expect(figures.effectiveShare == 0.5)
        #expect(figures.perThousand == 0, "what people find is not by windows")
        let before = NonconformityFigures(all, in: Window(start: .distantPast, end: start), judged: 0)
        #expect(before.raised == 0 && before.closed == 0 && before.perThousand == nil && before.days.isEmpty)
    }

    @Test("the median is the middle one, or the mean of the two in the middle")
    func median() {
        #expect(NonconformityFigures.median([]) == nil)
        #expect(NonconformityFigures.median([4, 1, 3]) == 3)
        #expect(NonconformityFigures.median([4, 1, 3, 2]) == 2.5)
    }
}

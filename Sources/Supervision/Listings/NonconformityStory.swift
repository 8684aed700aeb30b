import Conformity
import Foundation
import Metering
import Storage

/// A nonconformity told in plain words: what was required, what was measured, since when, what was done, what to do
/// next.
struct NonconformityStory {
    private let found: Nonconformity
    private let steps: [LifecycleRecord]
    private let title: String?
    private let calendar: SiteCalendar

    init(_ found: Nonconformity, steps: [LifecycleRecord], title: String?, calendar: SiteCalendar) {
        self.found = found
        self.steps = steps
        self.title = title
        self.calendar = calendar
    }

    /// The story, a paragraph a question.
    var text: String {
        var lines = [
            "\(found.id)  \(title ?? found.objective)  (\(found.severity.rawValue), \(found.state), \(condition))", "",
        ]
        lines.append("Required   \(required)")
        lines.append("Measured   \(measured)")
        lines.append("Since      \(calendar.text(found.onset)); raised \(calendar.text(found.raisedAt))")
        if let cleared = found.clearedAt {
            lines.append("Until      \(calendar.text(cleared))" + (found.remark.map { " (\($0))" } ?? ""))
        }
        if let detected = found.detectedAt { lines.append("Known      \(calendar.text(detected))") }
        if let earlier = found.recurrenceOf { lines.append("Repeats    \(earlier)") }
        if !found.windows.isEmpty { lines += ["", "Windows"] + windows }
        if !found.points.isEmpty { lines += ["", "Readings of the episode"] + points }
        if !steps.isEmpty { lines += ["", "Steps"] + steps.map(line) }
        lines += ["", "Next       \(next)", "Evidence   configuration \(found.configurationDigest)"]
        return lines.joined(separator: "\n") + "\n"
    }

    private var condition: String { found.condition.rawValue + (found.remark.map { ": \($0)" } ?? "") }

    private func amount(_ value: Double?) -> String {
        guard let value else { return "no value" }
        return FieldText.rounded(value) + (found.unit.map { " \($0)" } ?? "")
    }

    private var required: String {
        let definition = (try? JSONDecoder().decode(Definition.self, from: Data(found.definition.utf8))) ?? Definition()
        let limit = found.limit.map { _ in "limit \(amount(found.limit))" }
        let parts = [limit, definition.reference, definition.responsible.map { "responsible: \($0)" }]
        let said = parts.compactMap { $0 }
        return said.isEmpty ? found.objective : said.joined(separator: "; ")
    }

    private var measured: String {
        guard found.peak != nil else { return "see the windows below" }
        return
            "\(amount(found.peak)) at its worst, over \(found.windows.count) window\(found.windows.count == 1 ? "" : "s")"
    }

    private var windows: [String] {
        found.windows.map { window in
            let start = calendar.text(Instant(milliseconds: window.start))
            let end = calendar.text(Instant(milliseconds: window.end))
            let coverage = FieldText.forPeople(.number(window.coverage), .share, calendar)
            return
                "  \(start) to \(end)  \(amount(window.value))  \(window.verdict)  \(window.status), coverage \(coverage)"
        }
    }

    private var points: [String] {
        found.points.map { point in
            let span = [point.minimum, point.maximum].map { $0.map(FieldText.rounded) ?? "-" }.joined(separator: " to ")
            return "  \(point.point): \(point.count) usable readings, \(span)"
        }
    }

    private func line(_ step: LifecycleRecord) -> String {
        let details = (try? JSONDecoder().decode(Details.self, from: Data(step.details.utf8))) ?? Details()
        return "  \(calendar.text(step.time))  \(step.who)  \(step.step)  \(details.text ?? "")"
    }

    private var next: String {
        NonconformityState(rawValue: found.state)?.nextStep(found.id) ?? "nothing: it is \(found.state)"
    }

    private struct Definition: Decodable {
        var reference: String?
        var responsible: String?
    }

    private struct Details: Decodable {
        var text: String?
    }
}

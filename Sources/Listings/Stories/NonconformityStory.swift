import Conformity
import Foundation
import Metering
import Storage

/// A nonconformity told in the order in which an auditor asks: what was required, what was measured, since when, what
/// was done about it and by whom, what is next.
struct NonconformityStory {
    let found: Nonconformity
    let life: NonconformityLifecycle
    private let title: String?
    let calendar: SiteCalendar
    /// What stays of its area beyond retention.
    let kept: KeptReadings?
    /// By when people have to answer, and what the time is.
    let deadlines: Deadlines
    let now: Instant
    /// Whether each window and point is told, and not only the first, worst and last ones of many.
    private let showsAll: Bool
    /// What of the evidence is not as it was recorded, in clauses.
    private let evidenceFaults: [String]
    private static let indentation = 17
    /// Columns of the screen that it is folded to; nil: it is not.
    private let width: Int?
    private var lines: [ShownText] = []

    init(
        _ found: Nonconformity, life: NonconformityLifecycle, title: String?, calendar: SiteCalendar,
        showsAll: Bool = false, evidenceFaults: [String] = [], kept: KeptReadings? = nil,
        deadlines: Deadlines = Deadlines(),
        now: Instant = .distantPast, width: Int? = nil
    ) {
        self.found = found
        self.life = life
        self.title = title
        self.calendar = calendar
        self.showsAll = showsAll
        self.evidenceFaults = evidenceFaults
        self.kept = kept
        self.deadlines = deadlines
        self.now = now
        self.width = width
    }

    /// The story, a paragraph a question.
    var text: String {
        var story = self
        story.tell()
        return story.lines.map { $0.text + "\n" }.joined()
    }

    private mutating func tell() {
        let head: ShownText =
            "\(found.id)  \(title ?? found.objectiveName)  (\(kind)\(severity), \(life.state.rawValue), \(condition))"
        lines = head.folded(to: width, indentation: NonconformityStory.indentation) + [""]
        if !evidenceFaults.isEmpty {
            say("Damaged", evidenceFaults + ["what is told below proves nothing: compare it with a backup"])
        }
        say("Next", [life.nextStep ?? "nothing"])
        say("State", [life.state.sentence] + systemic)
        say("Due", due)
        say("Required", required)
        say("Since then", found.laterDemands.map(told))
        say("Measured", [measured])
        say("Since", since)
        if let earlier = found.recurrenceOf { say("Repeats", ["\(earlier), the same objective before"]) }
        say("Windows", windows)
        say("Readings", points)
        say("At raising", atRaising)
        say("Kept", keptReadings)
        say("Raised", steps(.raise))
        say("Containment", steps(.contain) + steps(.acknowledge))
        say("Cause", steps(.cause))
        say("Similar", similar)
        say("Actions", life.actions.map(words) + life.steps.filter { $0.kind == .action && $0.action == nil }.map(said))
        say("Amended", steps(.amend))
        say("Done", steps(.done))
        say("Effect", steps(.verify))
        say("Reopened", steps(.reopen))
        say("Closed", steps(.close))
        say("Rejected", steps(.reject))
        say("On hold", steps(.hold) + steps(.resume))
        say("Ended", steps(.clear))
        say("Comments", steps(.comment))
        say("Files", files)
        say(
            "Evidence",
            [
                found.evidenceDigest
                    + (evidenceFaults.isEmpty ? " (SHA-256, in the journal)" : " (SHA-256, not the one on record)"),
                "configuration \(found.configurationDigest)",
            ])
    }

    private mutating func say(_ name: String, _ texts: [String]) {
        for (index, text) in texts.enumerated() {
            let beginning = (index == 0 ? name : "").padding(toLength: 13, withPad: " ", startingAt: 0)
            // What follows the first line of a person's text stands further in than anything that begins a line.
            let isCommand = text.hasPrefix("emsctl ") && text.contains(" --")
            for line in ShownText.lines(beginning + text, indentation: NonconformityStory.indentation) {
                lines += line.folded(to: width, indentation: NonconformityStory.indentation, isCommand: isCommand)
            }
        }
    }

    private var condition: String { found.condition.rawValue + (found.remark.map { ": \($0)" } ?? "") }

    private func amount(_ value: Double?) -> String {
        guard let value else { return "no value" }
        return ListingText.rounded(value) + (found.unit.map { " \($0)" } ?? "")
    }

    /// The objective's own keys as they were configured when it was raised.
    private var required: [String] {
        if let meter = found.failedCheck {
            let why = meter.contains(".") ? "it drifted again after an adjustment" : "it failed a check as it was found"
            return ["readings of \(meter) that hold: \(why)"]
        }
        if found.kind == .data { return ["data that hold, to judge \(found.objectiveName) by"] }
        if let finding = found.finding { return required(of: finding) }
        return required(by: found.definition)
    }

    /// A demand that took the place of the one that raised it, and what it asks.
    private func told(_ demand: LaterDemand) -> String {
        let unit = demand.unit == found.unit ? "" : ", in \(demand.unit ?? "no unit")"
        let since = calendar.text(Instant(milliseconds: demand.since))
        return "\(required(by: demand.definition).joined(separator: "; "))\(unit), from \(since) on"
    }

    private func required(by text: String) -> [String] {
        let definition = (try? JSONDecoder().decode([String: ConfiguredValue].self, from: Data(text.utf8))) ?? [:]
        let asked = [
            "indicator", "max", "min", "warn", "allow", "budget", "reduction", "available", "per", "for", "clear_at",
        ]
        let words = asked.compactMap { key in definition[key].map { "\(key) \($0.text)" } }
        let responsible = definition["responsible"].map { "responsible: \($0.text)" }
        return [words.isEmpty ? found.objectiveName : words.joined(separator: ", ")]
            + [definition["reference"]?.text, responsible].compactMap { $0 }
    }

    private var measured: String {
        if let meter = found.failedCheck {
            return "windows and verdicts that rest on it: emsctl calibration suspect \(meter)"
        }
        guard found.peak != nil else { return "nothing: see the windows below" }
        let limit = found.limit.map { " against the limit \(ListingText.rounded($0))" } ?? ""
        return "\(amount(found.peak)) at its worst\(limit)"
    }

    private var since: [String] {
        var lines = [calendar.text(found.onset), "raised \(calendar.text(found.raisedAt))"]
        if let detected = found.detectedAt { lines.append("known to the daemon \(calendar.text(detected))") }
        if found.failedCheck == nil {
            lines.append("not met for \(CalendarWords.duration(found.timeNotMet)) in all")
        }
        let end = found.clearedAt.map { clearedAt in
            let length = CalendarWords.duration(clearedAt - found.onset)
            let how = found.failedCheck != nil ? "failed its check" : found.remark == nil ? "cleared" : "put right"
            return "\(how) \(calendar.text(clearedAt)), \(length) after it began"
        }
        let withdrawn = found.withdrawnAt.map {
            "withdrawn \(calendar.text($0)): the configuration no longer had the objective, or its indicator"
        }
        return lines + [end ?? withdrawn ?? "still lasting"]
    }

    /// So many windows or points are told one by one; of more the first, the worst and the last ones.
    private static let most = 12
    private static let ends = 3

    private var windows: [String] {
        let all = found.windows
        guard all.count > NonconformityStory.most, !showsAll else { return all.map(told) }
        var counts: [String: Int] = [:]
        for window in all { counts[window.verdict, default: 0] += 1 }
        let words = counts.keys.sorted().map { verdict in "\(counts[verdict] ?? 0) \(verdict)" }
        var lines = ["\(all.count): " + words.joined(separator: ", ") + "; --all shows each of them"]
        lines += all.prefix(NonconformityStory.ends).map { "first  " + told($0) }
        if let worst { lines.append("worst  " + told(worst)) }
        return lines + all.suffix(NonconformityStory.ends).map { "last   " + told($0) }
    }

    /// The window with the value that the nonconformity counts as its worst.
    private var worst: EvidenceWindow? {
        guard let peak = found.peak else { return nil }
        func distance(_ window: EvidenceWindow) -> Double { window.value.map { abs($0 - peak) } ?? .infinity }
        return found.windows.filter { $0.value != nil }.min { distance($0) < distance($1) }
    }

    private var points: [String] {
        guard found.points.count > NonconformityStory.most, !showsAll else { return found.points.map(words) }
        let rest = found.points.count - NonconformityStory.most
        return found.points.prefix(NonconformityStory.most).map(words) + ["and \(rest) points more: --all shows them"]
    }

    /// What was known when it was raised, as far as it is known otherwise now.
    private var atRaising: [String] {
        guard let frozen = found.frozen else { return [] }
        let known = Set(found.windows)
        let windows = frozen.windows.filter { !known.contains($0) }
        // While it lasts, and where it was raised and cleared at once, both are of the same time.
        let read = found.condition == .ongoing ? frozen.points.filter { !found.points.contains($0) } : frozen.points
        guard !windows.isEmpty || read != found.points else { return [] }
        guard windows.count > NonconformityStory.most, !showsAll else { return windows.map(told) + read.map(words) }
        return windows.prefix(NonconformityStory.ends).map(told)
            + ["and \(windows.count - NonconformityStory.ends) windows more: --all shows them"] + read.map(words)
    }

    private func told(_ window: EvidenceWindow) -> String {
        let start = calendar.text(Instant(milliseconds: window.start))
        let end = calendar.text(Instant(milliseconds: window.end))
        let coverage = ListingText.forPeople(.number(window.coverage), .share, calendar)
        let revision = window.revision.map { $0 > 1 ? ", revision \($0)" : "" } ?? ""
        return "\(start) to \(end)  \(amount(window.value))  \(window.verdict)  \(window.status), coverage \(coverage)"
            + revision
    }

    private func words(_ point: EvidencePoint) -> String {
        let span = [point.minimum, point.maximum].map { $0.map(ListingText.rounded) ?? "-" }.joined(separator: " to ")
        return "\(point.point): \(point.count) usable, \(span)"
    }

    func steps(_ kind: LifecycleStep.Kind) -> [String] { life.steps.filter { $0.kind == kind }.map(said) }
}

/// A value of the configuration as it is written.
private struct ConfiguredValue: Decodable {
    let text: String

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Double.self) {
            text = ListingText.rounded(number)
        } else if let word = try? container.decode(String.self) {
            text = word
        } else if let members = try? container.decode([String: ConfiguredValue].self) {
            text = members.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.text)" }.joined(separator: " ")
        } else {
            text = try container.decode([ConfiguredValue].self).map(\.text).joined(separator: " ")
        }
    }
}

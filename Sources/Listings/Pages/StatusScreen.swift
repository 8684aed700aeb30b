import Conformity
import Metering
import PlantAPI
import Storage

/// The plant on one screen: whether all is well, what is wrong with the next command, and a line for each kind of thing that
/// is well.
struct StatusScreen {
    let status: PlantStatus
    let findings: [PlantFinding]
    /// The latest verdict of each objective that has one.
    let verdicts: [Verdict]
    let calendar: SiteCalendar
    let terminal: TerminalForm
    /// Whether all that is wrong is shown, and not only what the screen has room for.
    let showsAll: Bool

    /// A screen this wide has room for a finding and its command on one line.
    private static let wide = 160

    /// The whole screen, line by line.
    var text: String {
        let wells = wells
        var lines = [headline] + shownFindings(beside: wells.count) + wells
        if terminal.isASCII { lines = lines.map(inASCII) }
        return lines.map { $0 + "\n" }.joined()
    }

    // MARK: The answer

    private var headline: String {
        let tone = status.isInOrder ? Tone.good : Tone.alarm
        return tone.paint(cut(ShownText(status.headline)), terminal)
    }

    // MARK: What is wrong

    private func shownFindings(beside wells: Int) -> [String] {
        // A line for the answer, one for what is counted, and one for the prompt.
        let room = showsAll ? nil : terminal.height.map { max(2, $0 - wells - 3) }
        var lines: [String] = []
        var shown = 0
        for finding in findings {
            let more = told(finding)
            if let room, lines.count + more.count > room, shown > 0 { break }
            lines += more
            shown += 1
        }
        let rest = findings.dropFirst(shown)
        guard !rest.isEmpty else { return lines }
        let counts = Dictionary(grouping: rest, by: \.kind).map { kind, found in (found.count, kind) }
            .sorted { ($1.0, $0.1) < ($0.0, $1.1) }
        let words = counts.map { counted($0, $1, $1 == "nonconformity" ? "nonconformities" : $1 + "s") }
        lines.append(cut(ShownText("   and \(words.joined(separator: ", ")) more: emsctl status --all")))
        return lines
    }

    private func told(_ finding: PlantFinding) -> [String] {
        let since = finding.since.map { "since \(clock($0))" }
        func joined(_ facts: String?...) -> String { facts.compactMap { $0 }.joined(separator: ", ") }
        let facts = joined(finding.amount, since)
        let sign = finding.weight.sign.padding(to: 2)
        let next = ShownText("→ " + finding.next)
        guard let width = terminal.width else {
            return ["\(sign) " + ShownText(finding.what + (facts.isEmpty ? "" : "; " + facts)).text + "  " + next.text]
        }
        let isWide = width >= StatusScreen.wide
        let nextRoom = isWide ? min(next.width, width * 2 / 5) : 0
        let room = width - 3 - (isWide ? nextRoom + 2 : 0)
        let words = [finding.what, finding.inShort ?? finding.what]
        // Fewer words first, then less of the amount: since when is said as long as there is room for it.
        let forms = [facts, joined(finding.amountInShort ?? finding.amount, since), joined(since), ""].flatMap { tail in
            words.map { (what: ShownText($0), tail: tail.isEmpty ? "" : "  " + tail) }
        }
        let (whole, tail) = forms.first { $0.what.width + ShownText($0.tail).width <= room } ?? forms[forms.count - 1]
        let what = whole.shortened(to: max(16, room - ShownText(tail).width), mark: mark)
        let line = ShownText(what.text + tail).cut(to: room, mark: mark)
        let painted = finding.weight.tone.paint(sign, terminal) + " " + line.text
        guard !isWide else {
            let blanks = String(repeating: " ", count: max(0, room - line.width) + 2)
            return [painted + blanks + Tone.quiet.paint(next.cut(to: nextRoom, mark: mark).text, terminal)]
        }
        return [painted, Tone.quiet.paint("   " + next.cut(to: width - 3, mark: mark).text, terminal)]
    }

    // MARK: What is well

    private var wells: [String] {
        var lines: [(String, String)] = []
        if let live = status.live {
            let down = live.links.count(where: \.isDown)
            lines.append(("links", "\(live.links.count - down) of \(live.links.count) up"))
        }
        lines.append(("meters", meters))
        lines.append(("points", points))
        if !verdicts.isEmpty { lines.append(("objectives", objectives)) }
        lines.append(("record", recordLine))
        lines += (status.live?.work ?? []).map { ("computing", $0) }
        return lines.map { name, text in
            Tone.quiet.paint(name.padding(to: 11), terminal) + cut(ShownText(text), less: 11)
        }
    }

    private var meters: String {
        let good = status.meters.count { !$0.isCutOff && $0.wasAsked && ($0.quality ?? .bad) != .bad }
        let silent = status.meters.count { !$0.isCutOff && $0.wasAsked && $0.quality == nil }
        let slowest = status.meters.filter { $0.quality != .bad && !$0.isCutOff }.compactMap(\.lastAnswer).min()
        return "\(good) of \(status.meters.count) good" + (silent > 0 ? ", \(silent) without a reading" : "")
            + (slowest.map { ", the longest answered \(age($0)) ago" } ?? "")
    }

    private var points: String {
        let silent = status.silent > 0 ? ", \(status.silent) without a reading" : ""
        let newest = status.newest.map { "; newest reading \(age($0)) ago" } ?? "; no readings yet"
        return "\(status.good) good, \(status.uncertain) uncertain, \(status.bad) bad\(silent)\(newest)"
    }

    private var objectives: String {
        let words = Verdict.allCases.compactMap { verdict -> String? in
            let count = verdicts.count { $0 == verdict }
            let word = verdict == .met ? "met" : verdict.text.split(separator: "_").joined(separator: " ")
            return count > 0 ? "\(count) \(word)" : nil
        }
        return words.joined(separator: ", ") + " at their last window"
    }

    private var recordLine: String {
        let begun = status.recordStart.map { "since \(clock($0))" } ?? "empty"
        let head = status.head.map { ", head signed \(age($0.time)) ago over \($0.size) lines" } ?? ""
        let disk = status.disk.map { disk in
            "; \(StatusScreen.bytes(disk.database)), \(StatusScreen.bytes(disk.free)) of the disk free"
        }
        let running = status.live.map { "; emsd runs since \(clock($0.startedAt))" } ?? "; read without a daemon"
        return begun + head + (disk ?? "") + running
    }

    // MARK: Words

    private func counted(_ count: Int, _ one: String, _ many: String) -> String {
        "\(count) \(count == 1 ? one : many)"
    }

    private func age(_ time: Instant) -> String { ListingText.age(Double(max(0, status.time - time)) / 1000) }

    /// The time without a date where it is today, to the second.
    private func clock(_ time: Instant) -> String {
        let second = Instant(milliseconds: time.milliseconds / 1000 * 1000)
        guard terminal.width != nil else { return calendar.text(second) }
        let text = ListingText.time(second, calendar, today: calendar.date(status.time))
        return text.contains("T") ? text.prefix(16).split(separator: "T").joined(separator: " ") : text
    }

    private func cut(_ text: ShownText, less: Int = 0) -> String {
        guard let width = terminal.width else { return text.text }
        return text.cut(to: max(1, width - less), mark: mark).text
    }

    private var mark: String { terminal.isASCII ? "~" : "…" }

    /// The line without what only Unicode has; the escapes of colours stay.
    private func inASCII(_ line: String) -> String {
        line.split(separator: "\u{1B}", omittingEmptySubsequences: false).map { ShownText($0).inASCII.text }
            .joined(separator: "\u{1B}")
    }

    private static func bytes(_ count: Int64) -> String {
        switch count {
        case ..<(10 << 20): "\(count >> 10) KiB"
        case ..<(10 << 30): "\(count >> 20) MiB"
        default: "\(count >> 30) GiB"
        }
    }
}

extension String {
    fileprivate func padding(to width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, width - count))
    }
}

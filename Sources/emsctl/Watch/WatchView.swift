import Charts
import Foundation
import Listings
import Metering
import PlantAPI
import Platform

/// The view as lines of a screen, from what the daemon said and where somebody is: a pure function of both.
struct WatchView {
    let data: WatchData
    let state: WatchState
    let form: TerminalForm
    let now: WatchTime

    private var width: Int { form.width ?? 80 }
    private var height: Int { form.height ?? 24 }

    /// The smallest screen that shows anything.
    static let smallest = (width: 40, height: 10)

    /// As many lines as the screen has.
    var lines: [String] {
        guard width >= WatchView.smallest.width, height >= WatchView.smallest.height else {
            return filled(["emsctl watch needs 40 x 10", "q quits"].map { cut($0, Tone.plain) })
        }
        if case .page(let title, let lines, let top) = state.mode {
            let body = lines.dropFirst(top).prefix(height - 2).map { $0.contains("\u{1B}") ? $0 : cut($0, Tone.plain) }
            return filled([cut(title, Tone.strong)] + body, foot: "Esc back, arrows move")
        }
        return filled([headline] + (staleness.map { [$0] } ?? []) + panels, foot: foot)
    }

    /// The names of the rows of a panel, filtered.
    func names(of panel: WatchState.Panel) -> [String] { rows(of: panel).map(\.name) }

    // MARK: Around

    private var headline: String {
        guard let status = data.status else {
            return cut(data.fault ?? "asking emsd …", data.fault == nil ? Tone.plain : Tone.alarm)
        }
        return cut(status.headline, status.isInOrder ? Tone.good : Tone.alarm)
    }

    /// What is said where the view is older than two seconds, or stands still.
    private var staleness: String? {
        if state.isPaused { return cut("paused: space goes on", Tone.attention) }
        guard let answered = data.answered, answered.moment.duration(to: now.moment) > .seconds(2) else { return nil }
        let time = Date(timeIntervalSince1970: Double(answered.time.milliseconds) / 1000)
        let clock = DateFormatter.localizedString(from: time, dateStyle: .none, timeStyle: .medium)
        return cut("no answer from emsd since \(clock)" + (data.fault.map { ": \($0)" } ?? ""), Tone.alarm)
    }

    private var foot: String {
        if let notice = state.notice { return notice }
        switch state.mode {
        case .filter: return "filter: \(state.filter)_"
        case .acknowledge(let id): return "\(id), what was done at once: \(state.typed)_"
        default:
            let filter = state.filter.isEmpty ? "" : "filter '\(state.filter)'  "
            return filter + "Tab lists  Enter opens  / filter  a acknowledge  space pause  ? help  q quit"
        }
    }

    private func filled(_ lines: [String], foot: String? = nil) -> [String] {
        var lines = Array(lines.prefix(height - (foot == nil ? 0 : 1)))
        while lines.count < height - (foot == nil ? 0 : 1) { lines.append("") }
        if let foot { lines.append(cut(foot, Tone.quiet)) }
        return lines
    }

    // MARK: Lists

    private struct Row {
        var name: String
        var text: String
        var tone: Tone
    }

    private var panels: [String] {
        let room = height - 2 - (staleness == nil ? 0 : 1)
        let lists = WatchState.Panel.allCases.map { ($0, rows(of: $0)) }
        // What is marked gets what the others leave; on a small screen it is alone.
        let others = lists.filter { $0.0 != state.panel }
        let small = room < 16
        var heights: [WatchState.Panel: Int] = [:]
        var left = room
        for (panel, rows) in others {
            let share = small ? 0 : min(rows.count, max(2, (room - 4) / 5))
            heights[panel] = share
            left -= share + 1
        }
        heights[state.panel] = max(1, left - 1)
        let own = lists.first { $0.0 == state.panel }?.1.count ?? 0
        // Room that the marked list does not need goes to the others.
        var spare = (heights[state.panel] ?? 0) - own
        for (panel, rows) in others where spare > 0 {
            let more = min(spare, rows.count - (heights[panel] ?? 0))
            guard more > 0 else { continue }
            heights[panel, default: 0] += more
            heights[state.panel, default: 0] -= more
            spare -= more
        }
        return lists.flatMap { panel, rows in shown(panel, rows, heights[panel] ?? 0) }
    }

    private func shown(_ panel: WatchState.Panel, _ rows: [Row], _ count: Int) -> [String] {
        let isMarked = panel == state.panel
        let chosen = min(state.selected[panel] ?? 0, max(0, rows.count - 1))
        let top = isMarked ? max(0, min(chosen - count / 2, rows.count - count)) : 0
        let title = "\(panel.title) (\(rows.count))"
        var lines = [cut((isMarked ? "> " : "  ") + title, isMarked ? Tone.strong : Tone.quiet)]
        if count > 0, rows.isEmpty { lines.append(cut("    nothing", Tone.quiet)) }
        for (index, row) in rows.enumerated().dropFirst(top).prefix(count) {
            let mark = isMarked && index == chosen ? ">" : " "
            lines.append(cut("\(mark) \(row.text)", row.tone))
        }
        return lines
    }

    private func rows(of panel: WatchState.Panel) -> [Row] {
        let rows =
            switch panel {
            case .findings: findings
            case .indicators: data.overview.map(indicator)
            case .meters: data.meters.map(meter)
            case .points: data.points.map(point)
            }
        guard !state.filter.isEmpty else { return rows }
        return rows.filter { $0.text.localizedCaseInsensitiveContains(state.filter) }
    }

    private var findings: [Row] {
        (data.status?.findings ?? []).map { finding in
            let id = finding.what.split(separator: " ").first.map(String.init) ?? ""
            let name = id.hasPrefix("NC-") ? id : finding.what
            let since = finding.since.map { " since \(clock($0))" } ?? ""
            let facts = (finding.amount.map { "  \($0)" } ?? "") + since
            let room = max(12, width - 4 - ShownText(facts).width)
            let whole = ShownText(finding.what)
            let what = (whole.width <= room ? whole : ShownText(finding.inShort)).shortened(to: room, mark: mark).text
            return Row(name: name, text: what + facts, tone: finding.kind == "nonconformity" ? .attention : .wrong)
        }
    }

    private func indicator(_ row: OverviewDocument.Row) -> Row {
        let tone: Tone = row.verdict == "not_met" ? .wrong : row.verdict == "warning" ? .attention : .plain
        let value = fixed((row.value.map(StatusText.short) ?? "-") + unit(row.unit), 14)
        var text = "\(name(row.name))  \(value)"
        if width >= 70 {
            text +=
                "  " + Sparkline.text(Array(row.recent.suffix(sparkWidth)), isASCII: form.isASCII).padded(sparkWidth)
        }
        if let limit = row.limit {
            let at = row.open ?? row.value
            text +=
                "  \(bar(at, limit, row.isLowerLimit)) \(row.isLowerLimit ? "min" : "max") \(StatusText.short(limit))"
            if let at, !row.isLowerLimit {
                text +=
                    at <= limit ? ", \(StatusText.short(limit - at)) left" : ", \(StatusText.short(at - limit)) over"
            }
        }
        if let projected = row.projected { text += ", going to \(StatusText.short(projected))" }
        if let verdict = row.verdict { text += "  " + verdict.split(separator: "_").joined(separator: " ") }
        return Row(name: row.name, text: text, tone: tone)
    }

    private func meter(_ meter: WatchData.Meter) -> Row {
        let quality = fixed(meter.quality ?? "-", 9)
        let rtt = meter.rtt.map { StatusText.short($0) + " ms" } ?? "-"
        let age = meter.age.map(ListingText.age) ?? "-"
        var text = "\(name(meter.meter))  \(quality)  \(fixed(age, 7)) ago  \(fixed(rtt, 9))"
        if width >= 70 { text += "  \(meter.errors ?? 0) of \(meter.polls ?? 0) failed  \(ShownText(meter.link).text)" }
        return Row(name: meter.meter, text: text, tone: Tone(of: meter.quality ?? "-"))
    }

    private func point(_ point: WatchData.Point) -> Row {
        let value = fixed((point.value.map(StatusText.short) ?? "-") + unit(point.unit), 14)
        var text = "\(name(point.point))  \(value)  \(fixed(point.quality ?? "-", 9))"
        if width >= 60 {
            text +=
                "  "
                + Sparkline.text(Array((data.history[point.point] ?? []).suffix(sparkWidth)), isASCII: form.isASCII)
        }
        if let reason = point.reason { text += "  \(reason)" }
        return Row(name: point.point, text: text, tone: Tone(of: point.quality ?? "-"))
    }

    // MARK: Words

    private var sparkWidth: Int { width >= 120 ? 30 : 12 }

    private var nameWidth: Int { max(12, min(32, width / 4)) }

    private var mark: String { form.isASCII ? "~" : "…" }

    private func name(_ text: String) -> String {
        fixed(ShownText(text).shortened(to: nameWidth, mark: mark).text, nameWidth)
    }

    private func unit(_ unit: String?) -> String { unit.map { " \(ShownText($0).text)" } ?? "" }

    private func fixed(_ text: String, _ width: Int) -> String { text.padded(width) }

    /// A bar of ten cells to the limit; `#` in ASCII.
    private func bar(_ value: Double?, _ limit: Double, _ isLower: Bool) -> String {
        guard let value, limit > 0 else { return String(repeating: " ", count: 12) }
        let share = min(max(value / limit, 0), 1)
        let full = Int((share * 10).rounded())
        let ink = form.isASCII ? "#" : "█"
        return "[" + String(repeating: ink, count: full) + String(repeating: form.isASCII ? "." : "·", count: 10 - full)
            + "]"
    }

    private func clock(_ text: String) -> String {
        guard let instant = Instant(text), let zone = data.status?.timezone, let calendar = WatchCalendar.of(zone)
        else {
            return text
        }
        return ListingText.time(
            Instant(milliseconds: instant.milliseconds / 1000 * 1000), calendar,
            today: calendar.date(now.time))
    }

    private func cut(_ text: String, _ tone: Tone) -> String {
        var shown = ShownText(text)
        if form.isASCII { shown = shown.inASCII }
        return tone.paint(shown.cut(to: width, mark: mark).text, form)
    }
}

/// Numbers for a glance.
enum StatusText {
    /// Four significant digits.
    static func short(_ number: Double) -> String { ListingText.significant(number, 4) }
}

/// The calendar of the site's zone, made once.
enum WatchCalendar {
    private static let cache = Cache()

    private final class Cache: @unchecked Sendable {
        let lock = NSLock()
        var known: (String, SiteCalendar?)?
    }

    /// The calendar of a zone; nil where this machine does not know it.
    static func of(_ zone: String) -> SiteCalendar? {
        cache.lock.withLock {
            if let known = cache.known, known.0 == zone { return known.1 }
            let calendar = SiteCalendar(identifier: zone)
            cache.known = (zone, calendar)
            return calendar
        }
    }
}

extension String {
    fileprivate func padded(_ width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, width - ShownText(self).width))
    }
}

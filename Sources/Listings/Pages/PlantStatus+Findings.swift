import Acquisition
import Conformity
import Indicators
import Metering
import PlantAPI
import Recording
import Storage

extension PlantStatus {
    /// All that is wrong, the worst first, and of the same weight the longest first; what only waits for people comes last.
    func findings(_ page: Page) throws -> [PlantFinding] {
        var found = ownFindings(page)
        found += try open.map { try finding($0, page) }
        found += (live?.forecasts ?? []).filter { $0.isLost && $0.isTelling && !$0.isBroken }.map { finding($0, page) }
        found += (live?.links ?? []).filter(\.isDown).map { finding($0, page) }
        found += try meterFindings(page)
        found += try pointFindings(page)
        found += checkFindings(page)
        return found.sorted {
            ($1.weight, $0.since ?? .distantFuture) < ($0.weight, $1.since ?? .distantFuture)
        }
    }

    /// Why values were left out; whether it is still so, the fault of the clock says.
    static let leftOut = "since the start the clock stood before the record, or could not be right"

    private func ownFindings(_ page: Page) -> [PlantFinding] {
        var found = (live?.faults ?? []).map {
            PlantFinding(kind: "daemon", weight: .record, what: $0, next: "journalctl -u emsd -n 50")
        }
        if let left = live?.leftOut, left > 0 {
            found.append(
                PlantFinding(
                    kind: "clock", weight: .record, what: PlantStatus.leftOut,
                    amount: "\(left) values left out", next: "timedatectl"))
        }
        found += damaged.map { id, faults in
            PlantFinding(
                kind: "evidence", weight: .record,
                what: "evidence damaged of \(id): \(faults.joined(separator: "; "))", next: "emsctl nc show \(id)")
        }
        if let disk, disk.isLow {
            found.append(
                PlantFinding(
                    kind: "disk", weight: .disk, what: "the disk is low", amount: "\(disk.free >> 20) MiB free",
                    next: "df -h \(page.record.store.directory)"))
        }
        return found
    }

    private func finding(_ found: Nonconformity, _ page: Page) throws -> PlantFinding {
        let isOngoing = found.condition == .ongoing
        let weight: PlantFinding.Weight =
            !isOngoing ? .note : found.severity == .critical ? .critical : found.severity == .major ? .major : .minor
        let title = page.names.objectives.first { $0.name == found.objectiveName }?.title
        let what =
            "\(found.id) \(found.severity.rawValue) \(found.kind == .data ? "data of " : "")\(found.objectiveName)"
            + (title.map { ", \($0)" } ?? "") + (isOngoing ? "" : ": \(found.condition.rawValue), \(found.state)")
        let late = overdue[found.id].map { "; overdue: \($0)" } ?? ""
        var share: String?
        if let peak = found.peak, let limit = found.limit, limit != 0 {
            share = PlantStatus.percent((peak - limit) / abs(limit))
        }
        let amount = found.peak.map { peak in
            let unit = found.unit.map { " \($0)" } ?? ""
            guard let limit = found.limit else { return ListingText.rounded(peak) + unit }
            let beyond = share.map { " (\($0))" } ?? ""
            return "\(PlantStatus.short(peak)) against \(ListingText.rounded(limit))\(unit)\(beyond)"
        }
        return PlantFinding(
            kind: "nonconformity", weight: weight, what: what + late,
            inShort: "\(found.id) \(found.objectiveName)"
                + (isOngoing ? "" : " \(found.condition.rawValue), \(found.state)"),
            amountInShort: share, since: found.onset, amount: amount,
            next: try page.reader.life(of: found.id).nextStep ?? "emsctl nc show \(found.id)")
    }

    /// An open window that will not keep its limit if it goes on so.
    private func finding(_ forecast: Forecast, _ page: Page) -> PlantFinding {
        let name = objectives[forecast.objective]
        let unit = page.names.objectives[forecast.objective].unit.map { " \($0)" } ?? ""
        let limit = forecast.limit.map { " against \(ListingText.rounded($0))" } ?? ""
        let rest = forecast.remaining.map { ", the rest may have \(PlantStatus.short($0))\(unit)" } ?? ""
        return PlantFinding(
            kind: "forecast", weight: .note,
            what: "\(name) will not keep its limit by \(page.record.calendar.text(forecast.span.end))",
            inShort: "\(name) will not keep its limit", since: forecast.span.start,
            amount:
                "\(PlantStatus.short(forecast.value))\(unit) so far, \(PlantStatus.short(forecast.projection)) at this rate\(limit)\(rest)",
            next: "emsctl objectives \(name) --provisional")
    }

    private func finding(_ link: LinkHealth, _ page: Page) -> PlantFinding {
        let behind = meters.filter { $0.link == link.link }.compactMap(\.lastAnswer).max()
        let cause = link.cause ?? link.reason.text
        return PlantFinding(
            kind: "link", weight: .link, what: "link \(link.link) is down: \(cause)", since: link.lastAnswer ?? behind,
            amount: PlantStatus.meters(link.meters.count) + (behind == nil ? " never answered" : ""),
            next:
                "emsctl scan \(link.link) --from \(page.firstUnit(of: link.link)) --to \(page.firstUnit(of: link.link))"
        )
    }

    private func meterFindings(_ page: Page) throws -> [PlantFinding] {
        var found: [PlantFinding] = []
        let waiting = meters.filter { !$0.wasAsked && !$0.isCutOff }
        if !waiting.isEmpty {
            let names = waiting.prefix(3).map(\.name).joined(separator: ", ")
            found.append(
                PlantFinding(
                    kind: "meter", weight: .notYet, what: "not asked yet: \(names)",
                    amount: "\(waiting.count) of \(PlantStatus.meters(meters.count))", next: "emsctl status"))
        }
        for meter in meters where !meter.isCutOff && meter.wasAsked {
            guard let reason = meter.reason, meter.quality == .bad else { continue }
            let never = meter.lastAnswer == nil ? ", never answered" : ""
            found.append(
                PlantFinding(
                    kind: "meter", weight: .meter, what: "meter \(meter.name) bad: \(reason.text)\(never)",
                    since: meter.lastAnswer, next: "emsctl read \(meter.name) --trace"))
        }
        return found
    }

    /// The bad points that nothing else explains, a finding a meter.
    private func pointFindings(_ page: Page) throws -> [PlantFinding] {
        let byMeter = Dictionary(grouping: unexplainedPoints) { point in
            point.name.split(separator: ".").first.map(String.init) ?? point.name
        }
        return try byMeter.sorted { $0.key < $1.key }.map { meter, points in
            let reasons = Set(points.map(\.reason.text)).sorted().joined(separator: ", ")
            let names = points.prefix(3).map(\.name).joined(separator: ", ") + (points.count > 3 ? " …" : "")
            let since = try points.first.flatMap { first in
                try page.reader.lastReading(page.point(named: first.name), before: .distantFuture, usable: true)?.time
            }
            return PlantFinding(
                kind: "point", weight: .points, what: "\(names) bad: \(reasons)", since: since,
                amount: points.count > 1 ? "\(points.count) points" : nil, next: "emsctl points --quality bad")
        }
    }

    private static func meters(_ count: Int) -> String { count == 1 ? "1 meter" : "\(count) meters" }

    /// The number with four significant digits, for a glance.
    static func short(_ number: Double) -> String {
        let text = ListingText.rounded(number)
        return text.count <= 6 ? text : ListingText.significant(number, 4)
    }

    private static func percent(_ share: Double) -> String {
        let text = ListingText.significant(share * 100, 3)
        return (share >= 0 ? "+" : "") + text + " %"
    }
}

extension Page {
    /// The lowest unit of a link's meters.
    func firstUnit(of link: String) -> Int {
        record.plantSummary.meters.filter { $0.link == link }.map(\.unit).min() ?? 1
    }
}

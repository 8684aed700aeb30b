import ConfigurationSource
import Indicators
import Metering
import PlantAPI
import PlantConfiguration
import RecordKeeping
import Recording
import Storage

/// What somebody wants proven: a nonconformity, or indicators over a stretch of time.
package struct BundleRequest: Sendable, Hashable {
    package let nonconformity: String?
    package let stretch: Window?
    /// Names; none: all that are listed.
    package let indicators: [String]

    /// What somebody ordered; throws a ``CommandError`` (64).
    package init(_ order: EvidenceOrder, now: Instant, calendar: SiteCalendar) throws {
        func bound(_ text: String?, _ option: String) throws -> Instant? {
            try text.map { try TimeBound.instant($0, option: option, now: now, calendar: calendar) }
        }
        if let id = order.nonconformity {
            guard order.from == nil, order.to == nil, order.indicators?.isEmpty ?? true else {
                throw CommandError(.usage, "give --nc, or --from and --to, not both")
            }
            self.init(nonconformity: id)
            return
        }
        guard let from = try bound(order.from, "--from"), let to = try bound(order.to, "--to"), from < to else {
            throw CommandError(.usage, "say what is to be proven: --nc ID, or --from and --to")
        }
        self.init(over: Window(start: from, end: to), indicators: order.indicators ?? [])
    }

    /// The evidence of one nonconformity.
    package init(nonconformity: String) {
        (self.nonconformity, stretch, indicators) = (nonconformity, nil, [])
    }

    /// The values of indicators over windows wholly inside a stretch.
    package init(over stretch: Window, indicators: [String]) {
        (nonconformity, self.stretch, self.indicators) = (nil, stretch, indicators)
    }
}

/// What a bundle has to have, by names that hold now.
struct BundleScope {
    /// Indicators whose windows are in it: those asked for, and those that they are computed from.
    var indicators: Set<String> = []
    /// Objectives that judge those asked for.
    var objectives: Set<String> = []
    /// Measured points behind them.
    var points: Set<String> = []
    /// Windows wholly inside this are in it.
    var windows: Window
    /// Readings from the local day of its start on, one hour before the first window at the latest.
    var readings: Window
    /// Configurations that were in force then.
    var versions: [Int] = []
    var nonconformities: Set<String> = []
    /// Whether it was made for one nonconformity: others of its objective may have been raised in the same time.
    var isOfOne = false

    /// A scope over windows and readings of which the rest is to be said.
    init(windows: Window, readings: Window) { (self.windows, self.readings) = (windows, readings) }

    init(_ request: BundleRequest, _ reader: StoreReader) throws {
        let all = try reader.includingRemoved()
        var asked = Set(request.indicators)
        if let id = request.nonconformity {
            guard let found = try reader.nonconformity(id) else {
                throw CommandError(
                    .badInput, "there is no nonconformity '\(id)': emsctl nc list shows them", matter: .absent)
            }
            let starts = found.windows.map(\.start).min().map { Instant(milliseconds: $0) } ?? found.onset
            let ends = found.windows.map(\.end).max().map { Instant(milliseconds: $0) } ?? found.raisedAt
            windows = Window(start: min(starts, found.onset), end: max(ends, found.clearedAt ?? found.raisedAt))
            readings = Window(start: windows.start - 3_600_000, end: windows.end + 3_600_000)
            (nonconformities, isOfOne) = ([id], true)
            objectives = [found.objectiveName]
            if let objective = all.names.objectives.first(where: { $0.name == found.objectiveName }) {
                asked = [objective.indicator]
            }
        } else {
            windows = request.stretch ?? Window(start: .distantPast, end: .distantFuture)
            // What a counter advances over the end of the last window shows with the next reading.
            readings = Window(start: windows.start - 3_600_000, end: windows.end + 3_600_000)
            let known = all.names.indicators.filter { !$0.isHidden }.map(\.name)
            for name in asked where !known.contains(name) {
                throw CommandError(
                    .badInput, "there is no indicator '\(name)'" + NearestName.hint(for: name, among: known),
                    matter: .absent)
            }
            if asked.isEmpty { asked = Set(known) }
            objectives = Set(all.names.objectives.filter { asked.contains($0.indicator) }.map(\.name))
            for found in try reader.nonconformities() where objectives.contains(found.objectiveName) {
                let end = found.clearedAt ?? found.withdrawnAt ?? .distantFuture
                if found.onset < windows.end, end > windows.start { nonconformities.insert(found.id) }
            }
        }
        let begin = try reader.recordStart() ?? windows.start
        readings.start = max(readings.start, begin)
        // What is not over yet ends with the last window that is: the same windows give the same bundle.
        let clock = try reader.clock() ?? begin
        windows.end = min(windows.end, clock)
        if readings.end > clock { readings.end = windows.end }
        indicators = asked
        try addSources(asked, reader, all)
    }

    /// The same with the names that its things had before: a line of the journal has the name of its time.
    func withFormerNames(_ reader: StoreReader) throws -> BundleScope {
        var scope = self
        for renaming in try reader.renamings().reversed() {
            switch renaming.kind {
            case .meter: break
            case .point: if scope.points.contains(renaming.new) { scope.points.insert(renaming.old) }
            case .indicator: if scope.indicators.contains(renaming.new) { scope.indicators.insert(renaming.old) }
            case .objective: if scope.objectives.contains(renaming.new) { scope.objectives.insert(renaming.old) }
            }
        }
        return scope
    }

    /// Adds what the indicators are computed from, by every configuration that was in force in the stretch.
    private mutating func addSources(_ asked: Set<String>, _ reader: StoreReader, _ all: StoreReader) throws {
        let configurations = try reader.configurations()
        var names: [Int64: String] = [:]
        for (index, indicator) in all.names.indicators.enumerated() {
            names[all.number(ofIndicator: index)] = indicator.name
        }
        var points: [Int64: String] = [:]
        for (index, point) in all.names.points.enumerated() {
            points[all.number(ofPoint: PointIndex(index))] = point.name
        }
        var judges: [Int64: String] = [:]
        for (index, objective) in all.names.objectives.enumerated() {
            judges[all.number(ofObjective: index)] = objective.name
        }
        for (place, record) in configurations.enumerated() {
            let next = place + 1 < configurations.count ? configurations[place + 1].since : .distantFuture
            // What was made later by another configuration, a past computed anew or a revision, is its too.
            // The local day in which the readings begin is no longer than this.
            guard next > readings.start - 26 * 3_600_000 else { continue }
            versions.append(record.version)
            guard let past = try PastPlant(version: record.version, in: reader) else { continue }
            let plan = past.plant.plan
            var waiting = plan.indicators.indices.filter { names[past.indicators[$0]].map(asked.contains) ?? false }
            // What an objective looks at beside its value: whether its condition held, what its model expects.
            for (index, objective) in past.plant.objectives.enumerated()
            where judges[past.objectives[index]].map(objectives.contains) ?? false { waiting += objective.companions }
            var seen: Set<Int> = []
            while let index = waiting.popLast() {
                guard seen.insert(index).inserted else { continue }
                if let name = names[past.indicators[index]] { indicators.insert(name) }
                waiting += plan.indicators[index].indicators
                for point in plan.measuredPoints(behind: plan.indicators[index].points) {
                    if let name = points[past.points[Int(point)]] { self.points.insert(name) }
                }
            }
        }
    }
}

import ConfigurationSource
import Metering
import PlantConfiguration

/// Reads the sections of a scenario.
final class ScenarioReader {
    let plant: Plant
    /// The scenario's own path: CSV files are found beside it.
    let path: String
    let log: FaultLog
    var scenario = Scenario()
    /// Measured points by name.
    let points: [String: MeasuredPoint]

    /// A reader that says what it finds to `log`.
    init(plant: Plant, path: String, log: FaultLog) {
        self.plant = plant
        self.path = path
        self.log = log
        points = Dictionary(
            plant.meters.flatMap { meter in meter.points.map { ("\(meter.name).\($0.name)", $0) } },
            uniquingKeysWith: { first, _ in first })
    }

    /// Reads everything under the root.
    func scenario(_ root: YamlNode) -> Scenario? {
        guard case .mapping(let entries) = root.content else {
            log.error(root.mark, "a scenario is a section of keys such as signals and faults, not \(root.summary)")
            return nil
        }
        let start = SourceMark(root.mark.source, line: 1, column: 1)
        let top = Section(entries, name: "the scenario", mark: start, log: log)
        if let epoch = top.field("epoch")?.instant(plant.plan.calendar) { scenario.epoch = epoch }
        if let seed = top.field("seed")?.integer(0...Int64.max) { scenario.seed = UInt64(seed) }
        readSignals(top)
        readMeters(top)
        for item in top.field("faults")?.items() ?? [] {
            if let fault = readFault(item) { scenario.faults.append(fault) }
        }
        top.close()
        return scenario
    }

    /// The point of that name; says so where there is none.
    func point(_ name: String, _ mark: SourceMark) -> MeasuredPoint? {
        if let point = points[name] { return point }
        let known = plant.meters.flatMap { meter in meter.points.map { "\(meter.name).\($0.name)" } }
        let isDerived = plant.plan.points.contains { $0.name == name }
        let what = isDerived ? "'\(name)' is a derived point, which no meter shows" : "unknown point '\(name)'"
        log.error(mark, what, near: name, among: isDerived ? [] : known)
        return nil
    }

    /// The meter of that name; says so where there is none.
    func meter(_ name: String, _ mark: SourceMark) -> MeterDefinition? {
        if let meter = plant.meters.first(where: { $0.name == name }) { return meter }
        log.error(mark, "unknown meter '\(name)'", near: name, among: plant.meters.map(\.name))
        return nil
    }

    private func readMeters(_ top: Section) {
        guard let section = top.field("meters")?.section("'meters'") else { return }
        for field in section.fields {
            guard let meter = meter(field.key, field.keyMark), let keys = field.section("meter '\(field.key)'") else {
                continue
            }
            var behavior = Scenario.MeterBehavior()
            if let delay = keys.field("delay")?.duration(0...60_000) { behavior.delay = delay }
            if let holes = keys.field("holes")?.word(Holes.self) { behavior.refusesHoles = holes == .refuse }
            keys.close()
            scenario.behavior[meter.name] = behavior
        }
    }
}

/// What a simulated meter does when an address without a point is read.
private enum Holes: String, CaseIterable {
    case zero
    case refuse
}

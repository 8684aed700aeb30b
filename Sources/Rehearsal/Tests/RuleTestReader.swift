import ConfigurationSource
import Conformity
import Indicators
import Metering
import PlantConfiguration

/// Reads a file of rule tests (config/README.md, "Testing the rules").
struct RuleTestReader {
    let plant: Plant
    let log: FaultLog
    private let points: [String: PointIndex]

    init(_ plant: Plant, log: FaultLog) {
        (self.plant, self.log) = (plant, log)
        points = Dictionary(
            plant.plan.points.enumerated().map { ($1.name, PointIndex($0)) }, uniquingKeysWith: { first, _ in first })
    }

    func tests(_ root: Section) -> [RuleTest] {
        defer { root.close() }
        _ = root.has("config")
        return (root.required("tests")?.items() ?? []).compactMap(test)
    }

    private func test(_ field: Field) -> RuleTest? {
        guard let section = field.section("a test") else { return nil }
        defer { section.close() }
        let name = section.required("name")?.text() ?? "?"
        guard let start = section.required("start")?.instant(plant.plan.calendar) else { return nil }
        let interval = section.field("interval").map { $0.duration() } ?? 60_000
        var readings: [Reading] = []
        var end = start
        for series in section.required("series")?.section("'series'")?.fields ?? [] {
            read(series, from: start, every: interval ?? 60_000, into: &readings, &end)
        }
        let until = section.field("until").flatMap { moment($0, from: start) } ?? end
        // Of one instant in the order of the configuration.
        readings.sort { ($0.time, $0.point) < ($1.time, $1.point) }
        return RuleTest(
            name: name, readings: readings, until: until,
            values: (section.field("values")?.items() ?? []).compactMap { value($0, from: start) },
            verdicts: (section.field("verdicts")?.items() ?? []).compactMap { verdict($0, from: start) },
            nonconformities: section.field("nonconformities")?.items()?.compactMap { nonconformity($0, from: start) },
            mark: field.mark)
    }

    private func read(
        _ field: Field, from start: Instant, every interval: Int64, into readings: inout [Reading], _ end: inout Instant
    ) {
        guard let point = points[field.key] else {
            log.error(field.keyMark, "unknown point '\(field.key)'", near: field.key, among: points.keys.sorted())
            return
        }
        if plant.plan.derived.contains(where: { $0.point == point }) {
            log.error(field.keyMark, "'\(field.key)' is derived: give the points that it is computed from")
            return
        }
        var step = interval
        var written: Field? = field
        if case .mapping = field.node.content, let section = field.section("a series") {
            if let times = section.field("at")?.section("'at'") {
                for field in times.fields { readOne(field, of: point, from: start, into: &readings, &end) }
                return section.close()
            }
            if let own = section.field("interval")?.duration() { step = own }
            written = section.required("values")
            section.close()
        }
        guard let written, let text = written.text() else { return }
        do {
            let steps = try SeriesNotation(text).steps
            for (index, content) in steps.enumerated() {
                let time = start + Int64(index) * step
                switch content {
                case .reading(let value, let quality): readings.append(Reading(point, time, value, quality))
                case .bad(let reason): readings.append(Reading(point, time, bad: reason))
                case .none: break
                }
            }
            end = max(end, start + Int64(steps.count) * step)
        } catch {
            written.error(error.message)
        }
    }

    /// `2026-02-01: 412`: one reading at a time.
    private func readOne(
        _ field: Field, of point: PointIndex, from start: Instant, into readings: inout [Reading], _ end: inout Instant
    ) {
        guard let time = moment(field.keyField, from: start), let text = field.text() else { return }
        do {
            switch try SeriesNotation(text).steps.first {
            case .reading(let value, let quality): readings.append(Reading(point, time, value, quality))
            case .bad(let reason): readings.append(Reading(point, time, bad: reason))
            case .some(.none), nil: break
            }
            end = max(end, time)
        } catch {
            field.error(error.message)
        }
    }

    /// A time since the start (`30m`), or an instant or date.
    private func moment(_ field: Field, from start: Instant) -> Instant? {
        if let text = field.node.scalar?.text, let length = CalendarLength(text) {
            return start + length.nominalMilliseconds
        }
        if field.node.scalar?.text == "0" { return start }
        return field.instant(plant.plan.calendar)
    }

    private func name(_ section: Section, _ key: String, among known: [String]) -> String? {
        guard let field = section.required(key), let name = field.text() else { return nil }
        if !known.contains(name) { log.error(field.mark, "unknown \(key) '\(name)'", near: name, among: known) }
        return name
    }

    private func value(_ field: Field, from start: Instant) -> RuleTest.ExpectedValue? {
        guard let section = field.section("an expected value") else { return nil }
        defer { section.close() }
        let known = plant.plan.indicators.filter { !$0.isHidden }.map(\.name)
        let indicator = name(section, "indicator", among: known)
        let end = section.required("at").flatMap { moment($0, from: start) }
        let status = section.field("status")?.text()
        if let status, !IndicatorStatus.allCases.map(\.text).contains(status) {
            section.field("status")?.error("a status is valid, insufficient or undefined")
        }
        let flags = section.field("flags")?.items()?.compactMap { $0.text() }
        guard let indicator, let end else { return nil }
        return RuleTest.ExpectedValue(
            indicator: indicator, end: end, value: section.field("value").flatMap { WrittenNumber($0) }, status: status,
            coverage: section.field("coverage").flatMap { WrittenNumber($0) }, flags: flags?.sorted(), mark: field.mark)
    }

    private func verdict(_ field: Field, from start: Instant) -> RuleTest.ExpectedVerdict? {
        guard let section = field.section("an expected verdict") else { return nil }
        defer { section.close() }
        let objective = name(section, "objective", among: plant.objectives.map(\.name))
        let atField = section.field("at")
        let allField = section.field("all")
        if (atField == nil) == (allField == nil) {
            log.error(section.mark, "an expected verdict has 'at' (one window), or 'all' (every window in order)")
        }
        let verdict = section.field("verdict").flatMap(word)
        guard let objective else { return nil }
        return RuleTest.ExpectedVerdict(
            objective: objective, end: atField.flatMap { moment($0, from: start) }, verdict: verdict,
            all: allField.flatMap(words), value: section.field("value").flatMap { WrittenNumber($0) },
            limit: section.field("limit").flatMap { WrittenNumber($0) }, mark: field.mark)
    }

    private func word(_ field: Field) -> String? {
        guard let text = field.text() else { return nil }
        if !Verdict.allCases.map(\.text).contains(text) { field.error("a verdict is \(RuleTestReader.verdicts)") }
        return text
    }

    /// `metx30 not_metx2`.
    private func words(_ field: Field) -> [String]? {
        guard let text = field.text() else { return nil }
        var found: [String] = []
        for part in text.split(separator: " ") {
            let x = part.lastIndex(of: "x").flatMap { index in
                Int(part[part.index(after: index)...]).map { (index, $0) }
            }
            let verdict = String(x.map { part[..<$0.0] } ?? part)
            if !Verdict.allCases.map(\.text).contains(verdict) {
                field.error("'\(part)' is not one of \(RuleTestReader.verdicts), perhaps with a number such as metx30")
            }
            found += Array(repeating: verdict, count: min(1_000_000, max(0, x?.1 ?? 1)))
        }
        return found
    }

    private static let verdicts = Verdict.allCases.map(\.text).joined(separator: ", ")

    private func nonconformity(_ field: Field, from start: Instant) -> RuleTest.ExpectedNonconformity? {
        guard let section = field.section("an expected nonconformity") else { return nil }
        defer { section.close() }
        let objective = name(section, "objective", among: plant.objectives.map(\.name))
        let cleared = section.field("cleared_at").map { field -> Instant? in
            field.node.scalar?.text == "none" ? nil : moment(field, from: start)
        }
        guard let objective else { return nil }
        return RuleTest.ExpectedNonconformity(
            objective: objective, onset: section.field("onset").flatMap { moment($0, from: start) },
            raisedAt: section.field("raised_at").flatMap { moment($0, from: start) }, clearedAt: cleared,
            peak: section.field("peak").flatMap { WrittenNumber($0) },
            limit: section.field("limit").flatMap { WrittenNumber($0) }, mark: field.mark)
    }
}

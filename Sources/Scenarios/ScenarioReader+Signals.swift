import ConfigurationSource
import Metering
import PlantConfiguration

extension ScenarioReader {
    private static let courses = ["constant", "ramp", "steps", "line", "profile", "csv", "counter"]

    /// The courses of the points.
    func readSignals(_ top: Section) {
        guard let section = top.field("signals")?.section("'signals'") else { return }
        for field in section.fields {
            guard let point = point(field.key, field.keyMark) else { continue }
            if field.node.scalar != nil {
                if let value = field.number() { scenario.signals[point.index] = SimulatedSignal(.constant(value)) }
            } else if let keys = field.section("signal '\(field.key)'"), let signal = readSignal(keys, of: point) {
                scenario.signals[point.index] = signal
            }
        }
    }

    private func readSignal(_ keys: Section, of point: MeasuredPoint) -> SimulatedSignal? {
        defer { keys.close() }
        var signal = SimulatedSignal(.constant(0))
        if let noise = keys.field("noise") {
            signal.noise = noise.number() ?? 0
            if signal.noise < 0 { noise.error("'noise' is a number from 0, not \(signal.noise)") }
        }
        if let every = keys.field("noise_every")?.duration() { signal.noiseEvery = every }
        if let field = keys.field("exponent"), let exponent = field.integer(-10...10) {
            if point.map.scaleRegister == nil {
                field.error("the point has no scale_register that could hold an exponent")
            }
            signal.exponent = Int(exponent)
        }
        let given = ScenarioReader.courses.filter { keys.has($0) }
        guard given.count == 1, let word = given.first, let field = keys.field(word) else {
            log.error(keys.mark, "\(keys.name) has one of \(ScenarioReader.courses.joined(separator: ", "))")
            for option in ["start", "per", "factor", "repeat", "column", "shape"] { _ = keys.has(option) }
            return nil
        }
        guard let course = readCourse(word, field, keys, of: point) else { return nil }
        signal.course = course
        return signal
    }

    private func readCourse(_ word: String, _ field: Field, _ keys: Section, of point: MeasuredPoint) -> SimulatedSignal
        .Course?
    {
        switch word {
        case "constant": return field.number().map { .constant($0) }
        case "ramp":
            let start = keys.field("start").map { $0.number() } ?? 0
            let per = keys.field("per").map { $0.duration() } ?? 3_600_000
            guard let rate = field.number(), let start, let per else { return nil }
            return .ramp(start: start, rate: rate / Double(per))
        case "counter":
            let start = keys.field("start").map { $0.number() } ?? 0
            let per = keys.field("per").map { $0.duration() } ?? 3_600_000
            let factor = keys.field("factor").map { $0.number() } ?? 1
            guard let name = field.name("the point that it counts, such as incomer.power"),
                let source = self.point(name, field.mark), let start, let per, let factor
            else { return nil }
            guard source.index != point.index, source.kind != .counter else {
                field.error(
                    "a counter counts a gauge or a state, and '\(name)' is \(source.index == point.index ? "itself" : "a counter")"
                )
                return nil
            }
            return .counter(of: source.index, start: start, rate: factor / Double(per))
        case "csv": return readCSV(field, keys).map { .track($0) }
        case "profile": return readProfile(field, keys).map { .track($0) }
        default:
            let period = keys.field("repeat").map { $0.duration() }
            guard let section = field.section("'\(word)'") else { return nil }
            var points: [(time: Int64, value: Double)] = []
            for entry in section.fields {
                guard let time = duration(entry), let value = entry.number() else { return nil }
                points.append((time, value))
            }
            guard let track = Track(points, isHeld: word == "steps", period: period ?? nil) else {
                field.error(
                    "'\(word)' is a section of ascending times with values, such as {0s: 150, 60s: 260}, none later than 'repeat'"
                )
                return nil
            }
            return .track(track)
        }
    }

    /// The time that a key is: a duration, or zero.
    private func duration(_ entry: Field) -> Int64? {
        if ["0", "0s", "0m", "0h"].contains(entry.key) { return 0 }
        if let length = CalendarLength(entry.key) { return length.nominalMilliseconds }
        log.error(entry.keyMark, "a time is a duration such as 0s, 30s or 5m, not '\(entry.key)'")
        return nil
    }

    private func readProfile(_ field: Field, _ keys: Section) -> Track? {
        let isHeld = keys.field("shape").map { $0.word(Shape.self) == .hold } ?? false
        guard let section = field.section("'profile'") else { return nil }
        let day: Int64 = 86_400_000
        var points: [(time: Int64, value: Double)] = []
        for entry in section.fields {
            let parts = entry.key.split(separator: ":", omittingEmptySubsequences: false).map { Int64($0) ?? -1 }
            guard parts.count == 2, (0...23).contains(parts[0]), (0...59).contains(parts[1]) else {
                log.error(entry.keyMark, "a time of day is written 06:30, not '\(entry.key)'")
                return nil
            }
            guard let value = entry.number() else { return nil }
            points.append(((parts[0] * 60 + parts[1]) * 60_000, value))
        }
        if let first = points.first, let last = points.last, first.time > 0 {
            // Midnight lies between the last value of the day before and the first of the day.
            let share = isHeld ? 0 : Double(day - last.time) / Double(day - last.time + first.time)
            points.insert((0, last.value + (first.value - last.value) * share), at: 0)
        }
        if !isHeld, let first = points.first { points.append((day, first.value)) }
        guard let track = Track(points, isHeld: isHeld, period: day) else {
            field.error("'profile' is a section of ascending times of day with values, such as {06:00: 120, 18:00: 60}")
            return nil
        }
        return track
    }
}

/// What a course does between two values.
enum Shape: String, CaseIterable {
    case hold
    case line
}

import ConfigurationSource
import Metering

/// What a point takes over from its meter.
struct PointFrame {
    var meter: String
    /// Milliseconds.
    var interval: Int64
    /// Milliseconds; nil where the meter has none.
    var maxGap: Int64?
    var maxRegisters: Int
    /// The file that has the meter: its profile is another.
    var path: String
    /// Whether the meter has a link, so that its points need registers.
    var isPolled: Bool
}

extension PlantReader {
    /// Adds a point to the plant; the result is how it is read from the wire, nil where it is only replayed or faulty.
    func readPoint(_ sketch: PointSketch, _ frame: PointFrame) -> MeasuredPoint? {
        let name = "\(frame.meter).\(sketch.name)"
        let section = Section(sketch.entries, name: "point '\(name)'", mark: sketch.mark, log: log)
        let errorsBefore = log.errorCount
        _ = section.field("title")?.text()
        let kindField = section.field("kind")
        let word = kindField.map { $0.word(KindWord.self) } ?? .gauge
        let kind = word?.kind
        let unit = section.field("unit")?.text()
        let interval = readInterval(section, frame)
        let maxGap = readMaxGap(section, frame, interval)
        let definition = PointDefinition(
            name: name, kind: kind ?? .gauge, unit: unit, maxGap: maxGap,
            maxRate: word == .counter || word == .net ? section.field("max_rate")?.positive() : nil,
            modulus: word == .counter ? section.field("modulus")?.positive() : nil,
            exchanges: word == .counter || word == .net ? readExchanges(section) : [],
            counting: readCounting(word, section, interval))
        if let kind, kind != .counter {
            section.refuse(
                ["max_rate", "modulus", "exchanges", "resets"],
                "belongs to counters, and '\(name)' is a \(kind.rawValue)")
        }
        if word == .net {
            section.refuse(["modulus", "resets"], "means nothing to a register that runs both ways, as '\(name)' does")
        }
        readUse(word, section, frame, sketch.mark)
        let map = readRegister(section, frame)
        if kind == .counter, let map { warnOfMistakes(map, definition, interval, section, frame) }
        let range = section.field("range").flatMap(readRange)
        let frozenAfter = section.field("frozen_after")?.duration()
        if kind == nil { _ = ["max_rate", "modulus", "exchanges", "resets", "stamp"].map(section.field) }
        if kind == .counter, word != .interval, definition.maxRate == nil, !section.has("max_rate") {
            log.warning(
                sketch.mark,
                "counter '\(name)' has no 'max_rate', the most it can advance in an hour: impossible jumps would be believed"
            )
        }
        was.points[name] = formerName(section)
        section.close()

        let index = PointIndex(points.count)
        points.append(definition)
        pointIndex[name] = index
        if log.errorCount > errorsBefore { faultyPoints.insert(name) }
        guard let map else {
            writtenPoints.append(WrittenDefinition(definition, nil))
            return nil
        }
        let measured = MeasuredPoint(
            index: index, name: sketch.name, kind: definition.kind, unit: unit, map: map, interval: interval,
            range: range,
            frozenAfter: frozenAfter)
        writtenPoints.append(WrittenDefinition(definition, measured))
        return measured
    }

    /// Which way a counter counts, and when it begins anew.
    func readCounting(_ word: KindWord?, _ section: Section, _ interval: Int64) -> Counting {
        if word == .net { return .net }
        if word == .interval {
            let stamp = section.field("stamp").map { $0.word(StampWord.self) } ?? .end
            return .each(UseStretch(length: interval, isStampedAtStart: stamp == .start))
        }
        func fault(_ length: String) -> String { "'resets' takes 1d, 1w, 1mo, 1q or 1y, not \(length)" }
        guard word == .counter, let field = section.field("resets"),
            let rule = plainRule(field, fault: { fault($0.description) })
        else { return .up }
        guard rule.nominalLength >= 86_400_000 else {
            field.error(fault(rule.written))
            return .up
        }
        if section.has("modulus") {
            section.refuse(["modulus"], "does not stand beside 'resets': the register begins anew before it is full")
        }
        return .since(ResetPeriod(rule, calendar: calendar))
    }

    /// What a point of use per interval does not take, and what only it takes.
    private func readUse(_ word: KindWord?, _ section: Section, _ frame: PointFrame, _ mark: SourceMark) {
        guard word == .interval else {
            if word != nil { section.refuse(["stamp"], "belongs to points of the kind 'interval'") }
            return
        }
        section.refuse(
            ["max_rate", "modulus", "resets", "exchanges"],
            "means nothing to use per interval: each reading says by itself what was used")
        if frame.isPolled {
            log.warning(
                mark,
                "\(section.name) says what one interval used, and is polled: an answer that comes some milliseconds early "
                    + "overlaps the one before, and is bad; such points are for recorded files")
        }
    }

    private func readInterval(_ section: Section, _ frame: PointFrame) -> Int64 {
        guard let field = section.field("interval"), let interval = field.duration(10...86_400_000) else {
            return frame.interval
        }
        if interval % frame.interval != 0 {
            field.error(
                "'interval' takes a multiple of its meter's \(WrittenDuration.text(frame.interval)), not \(WrittenDuration.text(interval))"
            )
        }
        return interval
    }

    private func readMaxGap(_ section: Section, _ frame: PointFrame, _ interval: Int64) -> Int64 {
        guard let field = section.field("max_gap") else { return frame.maxGap ?? 3 * interval }
        guard let maxGap = field.duration() else { return 3 * interval }
        if maxGap < interval {
            log.warning(
                field.mark,
                "'max_gap' is shorter than the interval of \(WrittenDuration.text(interval)): the time between readings is not covered"
            )
        }
        return maxGap
    }

    private func readRange(_ field: Field) -> ClosedRange<Double>? {
        guard let items = field.items() else { return nil }
        guard items.count == 2 else {
            field.error("'range' takes [lowest, highest], not a list of \(items.count)")
            return nil
        }
        guard let low = items[0].number(), let high = items[1].number() else { return nil }
        guard low < high else {
            field.error(
                "'range' takes [lowest, highest], and \(items[0].node.summary) is not below \(items[1].node.summary)")
            return nil
        }
        return low...high
    }

    func readExchanges(_ section: Section) -> [MeterExchange] {
        var exchanges: [MeterExchange] = []
        for item in section.field("exchanges")?.items() ?? [] {
            guard let part = item.section("an exchange") else { continue }
            let timeField = part.required("time")
            let time = timeField?.instant(calendar)
            let closing = part.required("closing")?.number()
            let opening = part.required("opening")?.number()
            part.close()
            guard let time, let closing, let opening else { continue }
            if !Instant.recordable.contains(time) { timeField?.error("an exchange lies in the years 1970 to 2100") }
            if exchanges.contains(where: { $0.time == time }) {
                timeField?.error("two exchanges of one meter at the same time")
            }
            exchanges.append(MeterExchange(time: time, closing: closing, opening: opening))
        }
        return exchanges.sorted { $0.time < $1.time }
    }
}

/// What a point's `kind` may be.
enum KindWord: String, CaseIterable {
    case gauge, counter, state
    /// A counter that runs both ways.
    case net
    /// Each reading is what one interval used.
    case interval

    var kind: PointKind {
        switch self {
        case .gauge: .gauge
        case .state: .state
        case .counter, .net, .interval: .counter
        }
    }
}

/// Which end of its interval a reading's time is.
private enum StampWord: String, CaseIterable {
    case start, end
}

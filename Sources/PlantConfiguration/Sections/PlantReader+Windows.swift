import ConfigurationSource
import Metering

extension PlantReader {
    /// The windows that `window` and `every` ask for; nil where they are faulty.
    func readRule(_ section: Section) -> WindowRule? {
        guard let field = section.required("window") else {
            _ = section.has("every")
            return nil
        }
        if case .mapping = field.node.content {
            section.refuse(["every"], "belongs to windows of one length, not to those of counted days")
            return readCounted(field)
        }
        if case .sequence = field.node.content {
            section.refuse(["every"], "belongs to windows of one length, not to shifts")
            return readShifts(field)
        }
        guard let everyField = section.field("every") else {
            return plainRule(field) { length in
                let hint = PlantReader.rollingHint(length)
                return "windows of \(length) are neither a part of a day nor 1d, 1w, 1mo, 1q or 1y\(hint)"
            }
        }
        let grid = plainRule(everyField) {
            "'every' takes a part of a day such as 15m or 1h, or 1d, 1w, 1mo, 1q or 1y, not \($0)"
        }
        if field.node.scalar?.text.contains(" from ") == true {
            field.error("rolling windows end where 'every' says: write 'from' there")
            return nil
        }
        guard let length = field.length(), let grid else { return nil }
        if let elapsed = length.elapsedMilliseconds, elapsed < 1000 {
            field.error("a window is at least 1s long, not \(length)")
            return nil
        }
        return WindowRule(grid: grid.grid, rolling: length)
    }

    /// The calendar period of a budget, an allowance or a duty to measure.
    func readPeriod(_ field: Field, of rule: WindowRule?) -> WindowRule? {
        let period = plainRule(field) {
            "'\(field.key)' takes a part of a day or 1d, 1w, 1mo, 1q or 1y, not \($0)"
        }
        guard let period else { return nil }
        if let rule, period.nominalLength < rule.nominalLength {
            field.warning(
                "'\(field.key)' is \(period.written), shorter than the windows of the indicator: each counts in the last it touches"
            )
        }
        return period
    }

    /// A length that divides time by the calendar, perhaps with where it begins: `15m`, `1mo from 15`; `fault` says what is
    /// wrong with any other.
    func plainRule(_ field: Field, fault: (CalendarLength) -> String) -> WindowRule? {
        guard let text = field.node.scalar?.text, let from = text.firstRange(of: " from ") else {
            guard let length = field.length() else { return nil }
            guard let rule = WindowRule(plain: length) else {
                field.error(fault(length))
                return nil
            }
            if let change = rule.changeNotDivided(in: calendar) { return complain(change, length, field) }
            return rule
        }
        let (length, place) = (text[..<from.lowerBound], text[from.upperBound...])
        let begin = WrittenBegin(place.trimmed)
        let grid: WindowRule.Grid?
        let example: String
        switch length.trimmed {
        case "1d": (grid, example) = (begin.day, "06:00")
        case "1w": (grid, example) = (begin.week, "sun")
        case "1mo": (grid, example) = (begin.month, "15")
        case "1q": (grid, example) = (begin.months(3), "02-01")
        case "1y": (grid, example) = (begin.months(12), "04-01")
        default:
            field.error("'from' stands behind 1d, 1w, 1mo, 1q or 1y, and not behind '\(length.prefix(20))'")
            return nil
        }
        if let grid { return WindowRule(grid: grid) }
        field.error(
            "'\(length.trimmed) from' takes where it begins, such as \(length.trimmed) from \(example), not '\(place.prefix(20))'"
        )
        return nil
    }

    private func complain(_ change: Int64, _ length: CalendarLength, _ field: Field) -> WindowRule? {
        field.error(
            "windows of \(length) cannot be laid over the change of \(WrittenDuration.text(change)) that the clock of "
                + "\(calendar.identifier) makes: they must divide it, or be longer")
        return nil
    }

    private static func rollingHint(_ length: CalendarLength) -> String {
        length.nominalMilliseconds >= 86_400_000 ? ": a rolling window of that length has 'every' beside it" : ""
    }

    private func readShifts(_ field: Field) -> WindowRule? {
        var times: [Int64] = []
        var isWhole = true
        for item in field.items() ?? [] {
            guard let time = item.node.scalar.flatMap({ PlantReader.timeOfDay($0.text) }) else {
                item.error("a shift begins at a local time such as \"06:00\", not at \(item.node.summary)")
                isWhole = false
                continue
            }
            if times.contains(time) {
                item.error("two shifts begin at the same time")
                isWhole = false
            }
            times.append(time)
        }
        guard isWhole else { return nil }
        if times.isEmpty {
            field.error("'window' takes a list of times at which shifts begin, and it is empty")
            return nil
        }
        return WindowRule(grid: .shifts(times.sorted()))
    }

    /// A local time in milliseconds since midnight, `06:00` or `06:00:30`; nil for anything else.
    static func timeOfDay(_ text: String) -> Int64? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3,
            parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { (48...57).contains($0) } })
        else { return nil }
        let numbers = parts.compactMap { Int64($0) }
        guard numbers[0] < 24, numbers[1] < 60, numbers.count == 2 || numbers[2] < 60 else { return nil }
        return ((numbers[0] * 60 + numbers[1]) * 60 + (numbers.count == 3 ? numbers[2] : 0)) * 1000
    }
}

/// Where a calendar length begins, as it is written behind `from`; at the calendar's own edge it is the plain length.
private struct WrittenBegin {
    private let text: String

    init(_ text: String) { self.text = text }

    var day: WindowRule.Grid? {
        PlantReader.timeOfDay(text).map { $0 == 0 ? .day : .beginning(.day(time: $0)) }
    }

    var week: WindowRule.Grid? {
        CivilDate.weekdays.firstIndex(of: text).map { $0 == 0 ? .week : .beginning(.week(day: $0)) }
    }

    var month: WindowRule.Grid? {
        guard let day = Int(text), (1...31).contains(day), text.utf8.count <= 2 else { return nil }
        return day == 1 ? .months(1) : .beginning(.months(1, month: 0, day: day))
    }

    func months(_ months: Int) -> WindowRule.Grid? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [2, 2], let month = Int(parts[0]), let day = Int(parts[1]),
            // A leap year has every day there is.
            CivilDate(year: 2024, month: month, day: day) != nil
        else { return nil }
        let offset = (month - 1) % months
        return offset == 0 && day == 1 ? .months(months) : .beginning(.months(months, month: offset, day: day))
    }
}

extension Substring {
    fileprivate var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}

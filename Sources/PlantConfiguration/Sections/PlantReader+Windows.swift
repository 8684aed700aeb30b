import Metering

extension PlantReader {
    /// The windows that `window` and `every` ask for; nil where they are faulty.
    func readRule(_ section: Section) -> WindowRule? {
        guard let field = section.required("window") else {
            _ = section.has("every")
            return nil
        }
        if case .sequence = field.node.content {
            section.refuse(["every"], "belongs to windows of one length, not to shifts")
            return readShifts(field)
        }
        let length = field.length()
        guard let everyField = section.field("every") else {
            guard let length else { return nil }
            guard let rule = WindowRule(plain: length) else {
                let hint = PlantReader.rollingHint(length)
                field.error("windows of \(length) are neither a part of a day nor 1d, 1w, 1mo, 1q or 1y\(hint)")
                return nil
            }
            if let change = rule.changeNotDivided(in: calendar) { return complain(change, length, field) }
            return rule
        }
        guard let every = everyField.length() else { return nil }
        guard let grid = WindowRule(plain: every) else {
            everyField.error("'every' takes a part of a day such as 15m or 1h, or 1d, 1w, 1mo, 1q or 1y, not \(every)")
            return nil
        }
        if let change = grid.changeNotDivided(in: calendar) { return complain(change, every, everyField) }
        guard let length else { return nil }
        if let elapsed = length.elapsedMilliseconds, elapsed < 1000 {
            field.error("a window is at least 1s long, not \(length)")
            return nil
        }
        return WindowRule(grid: grid.grid, rolling: length)
    }

    /// The calendar period of a budget, an allowance or a duty to measure.
    func readPeriod(_ field: Field, of rule: WindowRule?) -> WindowRule? {
        guard let length = field.length() else { return nil }
        guard let period = WindowRule(plain: length) else {
            field.error("'\(field.key)' takes a part of a day or 1d, 1w, 1mo, 1q or 1y, not \(length)")
            return nil
        }
        if let change = period.changeNotDivided(in: calendar) { return complain(change, length, field) }
        if let rule, period.nominalLength < rule.nominalLength {
            field.warning(
                "'\(field.key)' is \(length), shorter than the windows of the indicator: each counts in the last it touches"
            )
        }
        return period
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

    private static func timeOfDay(_ text: String) -> Int64? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3,
            parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { (48...57).contains($0) } })
        else { return nil }
        let numbers = parts.compactMap { Int64($0) }
        guard numbers[0] < 24, numbers[1] < 60, numbers.count == 2 || numbers[2] < 60 else { return nil }
        return ((numbers[0] * 60 + numbers[1]) * 60 + (numbers.count == 3 ? numbers[2] : 0)) * 1000
    }
}

extension WindowRule {
    /// Milliseconds of a window, where a day is 24 h, a month 30 d, a quarter 91 d and a year 365 d; of shifts the
    /// longest.
    package var nominalLength: Int64 {
        if let rolling { return rolling.nominalMilliseconds }
        let day: Int64 = 86_400_000
        switch grid {
        case .partOfDay(let length): return length
        case .day: return day
        case .week: return 7 * day
        case .months(let months): return months == 1 ? 30 * day : months == 3 ? 91 * day : 365 * day
        case .shifts(let times):
            let next = times.dropFirst() + [(times.first ?? 0) + day]
            return zip(times, next).map { $1 - $0 }.max() ?? day
        }
    }
}

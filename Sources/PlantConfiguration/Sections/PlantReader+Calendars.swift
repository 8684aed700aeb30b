import ConfigurationSource
import Metering

extension PlantReader {
    /// A calendar before all of them are known.
    private struct CalendarSketch {
        var name: String
        var time: RecurringTime?
        /// The name behind `not`.
        var not: Field?
    }

    /// The site's holidays.
    func readHolidays(_ site: Section) {
        for item in site.field("holidays")?.items() ?? [] {
            guard let text = item.node.scalar?.text, let date = CivilDate(text) else {
                item.error("a holiday is a date such as 2026-12-25, not \(item.node.summary)")
                continue
            }
            if holidays.contains(date.dayNumber) { item.error("'\(text)' is a holiday already") }
            holidays.append(date.dayNumber)
        }
    }

    /// Times of the calendar, by their names.
    func readCalendars(_ top: Section) {
        let sketches = names(top, "calendars", "calendar").map { name, field in readCalendar(name, field) }
        let index = Dictionary(
            sketches.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        for sketch in sketches { calendars.updateValue(sketch.time, forKey: sketch.name) }
        func input(_ sketch: CalendarSketch) -> Int? { sketch.not?.node.scalar.flatMap { index[$0.text] } }
        let circles = Cycles(count: sketches.count) { input(sketches[$0]).map { [$0] } ?? [] }
        for circle in circles.found {
            let path = (circle + [circle[0]]).map { sketches[$0].name }.joined(separator: " → ")
            sketches[circle[0]].not?.error("the calendars go round in a circle: \(path)")
        }
        for position in circles.order where !circles.found.contains(where: { $0.contains(position) }) {
            let sketch = sketches[position]
            guard let not = sketch.not, let name = not.name("the name of a calendar") else { continue }
            guard let other = input(sketch) else {
                log.error(
                    not.mark, "unknown calendar '\(name.prefix(60))'", near: name, among: sketches.map(\.name))
                continue
            }
            let time = calendars[sketches[other].name] ?? nil
            calendars.updateValue(time?.inverted, forKey: sketch.name)
        }
    }

    /// The time of the calendar that `during` names.
    func readDuring(_ field: Field) -> RecurringTime? {
        guard let name = field.name("the name of a calendar") else { return nil }
        if let known = calendars[name] { return known }
        if unreadable.contains("calendars") { return nil }
        log.error(
            field.mark, "unknown calendar '\(name.prefix(60))': 'during' takes the name of one under 'calendars'",
            near: name, among: calendars.keys.sorted())
        return nil
    }

    private func readCalendar(_ name: String, _ field: Field) -> CalendarSketch {
        var sketch = CalendarSketch(name: name)
        guard let section = field.section("calendar '\(name)'") else { return sketch }
        defer { section.close() }
        sketch.not = section.field("not")
        if sketch.not != nil {
            section.refuse(
                ["days", "hours", "holidays"], "does not stand beside 'not': it is all time but the other's")
            return sketch
        }
        let weekdays = readWeekdays(section)
        let hours = readHours(section)
        let holidaysField = section.field("holidays")
        let kind = holidaysField.map { $0.word(RecurringTime.Holidays.self) } ?? .like
        if section.keys.isEmpty { field.error("a calendar says 'days', 'hours', 'holidays', or 'not' another") }
        if let kind, kind != .like, holidays.isEmpty {
            holidaysField?.warning("'site' names no 'holidays': this says nothing yet")
        }
        guard let weekdays, let hours, let kind else { return sketch }
        sketch.time = RecurringTime(weekdays: weekdays, hours: hours, holidays: kind, dates: holidays)
        return sketch
    }

    private func readWeekdays(_ section: Section) -> [Int]? {
        guard let field = section.field("days") else { return Array(0...6) }
        var days: [Int] = []
        var isWhole = true
        for item in field.oneOrMore() {
            if let text = item.node.scalar?.text, let day = CivilDate.weekdays.firstIndex(of: text) {
                if !days.contains(day) { days.append(day) }
            } else {
                log.error(
                    item.mark, "'days' takes \(CivilDate.weekdays.joined(separator: ", ")), not \(item.node.summary)",
                    near: item.node.scalar?.text.lowercased() ?? "", among: CivilDate.weekdays)
                isWhole = false
            }
        }
        if days.isEmpty, isWhole { field.error("'days' takes at least one weekday, and the list is empty") }
        return isWhole && !days.isEmpty ? days : nil
    }

    private func readHours(_ section: Section) -> [Range<Int64>]? {
        guard let field = section.field("hours") else { return [0..<86_400_000] }
        var hours: [Range<Int64>] = []
        var isWhole = true
        for item in field.oneOrMore() {
            let times = (item.node.scalar?.text ?? "").split(separator: "-", omittingEmptySubsequences: false)
                .map { $0 == "24:00" ? 86_400_000 : PlantReader.timeOfDay(String($0)) }
            guard times.count == 2, let from = times[0], let to = times[1], from != to, from < 86_400_000 else {
                item.error("'hours' takes stretches of the day such as \"22:00-06:00\", not \(item.node.summary)")
                isWhole = false
                continue
            }
            // What goes over midnight is the end of one day and the beginning of another.
            if from < to { hours.append(from..<to) } else { hours += [from..<86_400_000, 0..<to] }
        }
        if hours.isEmpty, isWhole {
            field.error("'hours' takes at least one stretch of the day, and the list is empty")
        }
        return isWhole && !hours.isEmpty ? hours : nil
    }
}

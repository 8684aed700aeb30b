import Metering
import Storage

/// Seals day by day what is due: at local midnight the days that are over, and again those in which something changed.
///
/// A kill between two lines costs nothing: what is due stays due until its line is stored, and a day that is sealed twice
/// has two lines of which each says what held at its time.
package struct DaySealer {
    private let store: PlantStore
    private let calendar: SiteCalendar

    /// Seals a store that is open for writing, by the days of the site.
    package init(_ store: PlantStore, calendar: SiteCalendar) {
        self.store = store
        self.calendar = calendar
    }

    /// Lets the days be sealed that are over at `now`.
    package func expire(now: Instant) throws {
        let end = calendar.start(of: calendar.date(now))
        try store.write { try $0.sealUp(to: end) }
    }

    /// Makes the seals that are due, each handed to `note`, which writes its line with `also` in one transaction; whoever
    /// wants to end earlier returns true from `isOver`.
    package func run(
        isOver: () -> Bool = { false },
        note: (DaySeal, _ also: @escaping @Sendable (StoreWriter) throws -> Void) throws -> Void
    ) throws {
        let (hours, stamp) = try store.read { try $0.sealsDue() }
        let stretches = days(of: hours)
        for (index, stretch) in stretches.enumerated() {
            if isOver() { return }
            let seal = try store.read { try DaySeal(of: stretch, in: $0) }
            let isLast = index == stretches.count - 1
            try note(seal) { writer in if isLast { try writer.sealed(through: stamp) } }
        }
    }

    /// The local days that the hours lie in, ascending.
    private func days(of hours: [Window]) -> [Window] {
        var days: [Window] = []
        for hour in hours {
            for instant in [hour.start, hour.end - 1] {
                let date = calendar.date(instant)
                let day = Window(
                    start: calendar.start(of: date), end: calendar.start(of: CivilDate(dayNumber: date.dayNumber + 1)))
                if day != days.last { days.append(day) }
            }
        }
        return days
    }
}

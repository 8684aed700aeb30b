import Evidence
import Metering
import Storage

/// The seals over the readings of a bundle: whole local days where those are sealed, else stretches of their own.
struct BundleSeals {
    /// A stretch with the line that seals it; nil: none does yet.
    struct Sealed {
        let stretch: Window
        let points: Set<String>?
        let seal: SealedStretch?
    }

    let stretches: [Sealed]

    init(_ scope: BundleScope, calendar: SiteCalendar, _ reader: StoreReader) throws {
        var seals = SealedDays()
        try reader.journal { seals.take($0) }
        let due = try Set(reader.sealsDue().hours.map(\.start))
        var found: [Sealed] = []
        var date = calendar.date(scope.readings.start)
        while calendar.start(of: date) < scope.readings.end {
            let next = CivilDate(dayNumber: date.dayNumber + 1)
            let day = Window(start: calendar.start(of: date), end: calendar.start(of: next))
            date = next
            if day.end <= day.start { continue }
            let isChanged = due.contains { day.contains($0) }
            if !isChanged, let seal = seals.seal(of: day, points: nil), try Self.hasNames(seal, of: scope, reader) {
                found.append(Sealed(stretch: day, points: nil, seal: seal))
                continue
            }
            // The day is not over, or something in it came late: it gets a seal of its own up to what is wanted.
            let own = Window(start: day.start, end: min(day.end, scope.readings.end))
            let known = seals.parts.sorted { $0.line < $1.line }.last { seal in
                seal.stretch.start == own.start && seal.chosen == scope.points && seal.stretch.end >= own.end
                    && seal.stretch.end <= day.end
            }
            if let known, try Self.stillHolds(known, reader) {
                found.append(Sealed(stretch: known.stretch, points: scope.points, seal: known))
            } else {
                found.append(Sealed(stretch: own, points: scope.points, seal: nil))
            }
        }
        stretches = found
    }

    /// Whether a seal has the names that the readings have in the bundle: it is over them too.
    private static func hasNames(_ seal: SealedStretch, of scope: BundleScope, _ reader: StoreReader) throws -> Bool {
        let former = try reader.renamings(after: seal.version).former(.point)
        return !scope.points.contains { former[$0] != nil }
    }

    private static func stillHolds(_ seal: SealedStretch, _ reader: StoreReader) throws -> Bool {
        let now = try DaySeal(of: seal.stretch, points: seal.chosen, in: reader)
        return now.points.count == seal.points.count
            && now.points.allSatisfy { seal.points[$0.name]?.digest == $0.digest }
    }
}

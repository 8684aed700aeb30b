import ConfigurationSource
import Foundation
import Metering
import PlantConfiguration

/// Finds a point by the bytes of its name, quickly where points follow each other as they did the time before.
package final class PointNames {
    private var indexes: [String: PointIndex] = [:]
    private var names: [[UInt8]]
    /// By point, the one that came after it last.
    private var successor: [PointIndex]
    private let derived: Set<String>
    /// By point, what a reading of use per interval is about.
    private let stretches: [UseStretch?]
    /// The site's local time.
    let calendar: SiteCalendar

    /// The measured points of a plant; derived ones are computed and not read.
    package convenience init(_ plant: Plant) { self.init(ReadingPlace(plant), plant.plan.calendar) }

    /// The points of a place that is described.
    package convenience init?(_ place: ReadingPlace) {
        guard let calendar = SiteCalendar(identifier: place.timezone, rules: place.rules) else { return nil }
        self.init(place, calendar)
    }

    private init(_ place: ReadingPlace, _ calendar: SiteCalendar) {
        self.calendar = calendar
        derived = Set(place.points.lazy.filter(\.isDerived).map(\.name))
        names = place.points.map { Array($0.name.utf8) }
        stretches = place.points.map(\.stretch)
        successor = Array(repeating: 0, count: max(1, names.count))
        for (index, point) in place.points.enumerated() where !point.isDerived {
            indexes[point.name] = PointIndex(index)
        }
    }

    /// What a reading of a point of use per interval is about; nil for other points.
    func stretch(of point: PointIndex) -> UseStretch? { stretches[Int(point)] }

    /// An instant in the site's local time, with its offset.
    package func local(_ instant: Instant) -> String { calendar.text(instant) }

    /// The name of a point.
    package func name(of point: PointIndex) -> String { String(decoding: names[Int(point)], as: UTF8.self) }

    /// The point of that name; `previous` is the one of the row before.
    package func find(_ bytes: UnsafeRawBufferPointer, after previous: PointIndex) -> PointIndex? {
        let guess = Int(successor[Int(previous)])
        if guess < names.count, names[guess].count == bytes.count, !bytes.isEmpty,
            names[guess].withUnsafeBytes({ memcmp($0.baseAddress!, bytes.baseAddress!, bytes.count) == 0 }),
            indexes.count == names.count || indexes[String(decoding: bytes, as: UTF8.self)] != nil
        {
            return PointIndex(guess)
        }
        guard let found = indexes[String(decoding: bytes, as: UTF8.self)] else { return nil }
        successor[Int(previous)] = found
        return found
    }

    /// The sentence about a name that is none of them.
    package func unknown(_ name: String) -> String {
        if derived.contains(name) { return "'\(name)' is a derived point: it is computed, so leave its rows out" }
        return "there is no point '\(name)' in the configuration"
            + NearestName.hint(for: name, among: indexes.keys.sorted())
    }
}

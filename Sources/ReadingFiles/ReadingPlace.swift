import Metering
import PlantConfiguration

/// What must be known of a plant to read its recordings: its points and its local time.
package struct ReadingPlace: Sendable, Codable {
    /// A point that rows may be about.
    package struct Point: Sendable, Codable {
        /// As `meter.point`.
        package var name: String
        /// Whether it is computed from others, so that no rows are about it.
        package var isDerived: Bool
        /// Milliseconds that one reading is about, of use per interval; nil for other points.
        package var interval: Int64?
        /// Whether such a reading's time is the start of its stretch.
        package var isStampedAtStart: Bool
    }

    /// The IANA name of the zone.
    package var timezone: String
    /// Its changes of the clock, as ``SiteCalendar/rules`` writes them.
    package var rules: String
    /// In plan order.
    package var points: [Point]

    /// The place of a plant.
    package init(_ plant: Plant) {
        let derived = Set(plant.plan.derived.map(\.point))
        timezone = plant.plan.calendar.identifier
        rules = plant.plan.calendar.rules
        points = plant.plan.points.enumerated().map { index, point in
            var stretch: UseStretch?
            if case .each(let use) = point.counting { stretch = use }
            return Point(
                name: point.name, isDerived: derived.contains(PointIndex(index)), interval: stretch?.length,
                isStampedAtStart: stretch?.isStampedAtStart ?? false)
        }
    }
}

extension ReadingPlace.Point {
    /// What one reading is about.
    var stretch: UseStretch? {
        interval.map { UseStretch(length: $0, isStampedAtStart: isStampedAtStart) }
    }
}

import Metering
import Storage

extension PlantStore {
    /// Readings by the database's numbers of their points; those of points that are not stored are left out.
    package func numbered(_ readings: [Reading]) -> [NumberedReading] {
        let identities = currentIdentities
        return readings.compactMap { reading in
            guard let point = try? identities.point(reading.point), point > 0 else { return nil }
            return NumberedReading(
                point: point, time: reading.time, value: reading.value, quality: reading.quality, reason: reading.reason
            )
        }
    }
}

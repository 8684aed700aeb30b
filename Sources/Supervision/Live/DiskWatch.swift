import Conformity
import Foundation

/// Notices when the disk of the database runs low, and when it has room again, each once.
struct DiskWatch: Sendable {
    /// Below so many bytes the disk is low.
    static let low: Int64 = 200 << 20
    /// From so many bytes on it has room again; the distance keeps the alerts from flickering.
    static let enough: Int64 = 300 << 20

    private var isLow = false

    /// The alert that a look at the free bytes gives rise to; nil where nothing changed.
    mutating func look(free: Int64, directory: String) -> RecordedAlert? {
        let details: [CanonicalJSON.Member] = [.init("free", .integer(Int(free)))]
        if !isLow, free < DiskWatch.low {
            isLow = true
            return RecordedAlert(
                .diskLow, .major, details: details,
                message: "Only \(free >> 20) MiB are free in \(directory): make room, or readings will wait in memory")
        }
        if isLow, free >= DiskWatch.enough {
            isLow = false
            return RecordedAlert(
                .diskOK, .info, details: details, message: "\(free >> 20) MiB are free again in \(directory)")
        }
        return nil
    }

    /// The bytes free where the directory stands; nil where the system does not say.
    static func free(in directory: String) -> Int64? {
        var system = statvfs()
        guard statvfs(directory, &system) == 0 else { return nil }
        return Int64(system.f_bavail) * Int64(system.f_frsize)
    }
}

import ConfigurationSource
import Conformity
import Foundation
import PlantConfiguration
import Platform
import RecordKeeping
import Recording

/// Notices when the disk of the database runs low, and when it has room again, each once.
struct DiskWatch: Sendable {
    /// What a look at the disk found.
    enum News: Sendable, Hashable {
        case low
        case enough
    }

    /// Below it the disk is low; half as much again is enough, so that the alerts do not flicker.
    var floor: KeptSpace
    private(set) var isLow = false

    init(_ floor: KeptSpace = KeptSpace()) { self.floor = floor }

    /// What is new; it stays new until it was told (``told(_:)``).
    func look(_ space: DiskSpace) -> News? {
        let least = floor.bytes(of: space.total)
        if !isLow, space.free < least { return .low }
        if isLow, space.free >= least + least / 2 { return .enough }
        return nil
    }

    /// The news was told to whoever is to know it.
    mutating func told(_ news: News) { isLow = news == .low }
}

extension RecordedAlert {
    /// The alert about a disk that runs low.
    static func diskLow(_ space: DiskSpace, directory: String) -> RecordedAlert {
        RecordedAlert(
            .diskLow, .major, details: [.init("free", .integer(Int(space.free)))],
            message:
                "Only \(space.free >> 20) MiB are free in \(directory): make room; the oldest readings are deleted "
                + "early now, and where nothing is left new ones wait in memory")
    }

    /// The alert about a disk that has room again, and how many readings were deleted early for it.
    static func diskOK(_ space: DiskSpace, directory: String, thinned: Int) -> RecordedAlert {
        let price = thinned > 0 ? "; \(thinned) of the oldest readings were deleted early" : ""
        return RecordedAlert(
            .diskOK, .info,
            details: [.init("free", .integer(Int(space.free))), .init("thinned_readings", .integer(thinned))],
            message: "\(space.free >> 20) MiB are free again in \(directory)\(price)")
    }
}

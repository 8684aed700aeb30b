import Metering
import PlantAPI
import Platform

/// What the management system keeps beside numbers, as listings.
extension PlantRecord {
    /// Writes `register`, `calibration list`, `qal3 chart` and the like.
    ///
    /// Throws a ``CommandError`` (65) where the configuration is gone, or there is nothing of that name.
    package func manage(
        _ what: ManagementListing, name: String?, format: ListingFormat, terminal: TerminalForm = .init(),
        now: Instant = Instant(milliseconds: WallClock.milliseconds()), sink: @escaping ([UInt8]) throws -> Void
    ) throws {
        try read { reader in
            guard let plant else {
                throw CommandError(.badInput, "the configuration of this database is gone or has changed")
            }
            let page = ManagementPage(
                plant: plant, reader: reader, calendar: calendar, name: name, format: format, terminal: terminal,
                now: now,
                sink: sink)
            switch what {
            case .register: try page.tree()
            case .gaps: try page.gaps()
            case .calibrations: try page.calibrations()
            case .suspect: try page.suspect()
            case .weeks: try page.weeks()
            case .drift: try page.drift()
            }
        }
    }
}

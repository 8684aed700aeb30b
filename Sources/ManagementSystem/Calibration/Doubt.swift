import Metering

/// Time in which nobody knows whether a meter, or a point of it, measured right (Rules 14).
package struct Doubt: Hashable, Sendable {
    /// What is in doubt.
    package enum MeterOrPoint: Hashable, Sendable {
        /// All points of a meter: it failed a check as it was found.
        case meter(String)
        /// One point: its drift chart gave a signal.
        case point(String)

        /// The name of the meter or point.
        package var name: String {
            switch self {
            case .meter(let name), .point(let name): name
            }
        }
    }

    package var subject: MeterOrPoint
    package var stretch: Window

    /// Whether it is about a point, by its whole name.
    package func concerns(point: String) -> Bool {
        switch subject {
        case .meter(let name): point.hasPrefix(name + ".")
        case .point(let name): point == name
        }
    }

    /// What checks put in doubt: each failed one the time since the last good one of the same meter or point (or since
    /// `begin`). A good check of the meter is one of its points, too.
    package static func all(
        of checks: [CalibrationRecord], _ drift: [DriftReading], since begin: Instant
    ) -> [Doubt] {
        func lastGood(_ meter: String, before date: Int64) -> Int64 {
            checks.filter { $0.meter == meter && $0.asFound == .pass && $0.date < date }.map(\.date).max() ?? .min
        }
        func doubt(_ subject: MeterOrPoint, _ good: Int64, _ failed: Int64) -> Doubt? {
            let from = max(begin.milliseconds, good)
            guard from < failed else { return nil }
            return Doubt(
                subject: subject,
                stretch: Window(start: Instant(milliseconds: from), end: Instant(milliseconds: failed)))
        }
        var found = checks.filter { $0.asFound == .fail }.compactMap { failed in
            doubt(.meter(failed.meter), lastGood(failed.meter, before: failed.date), failed.date)
        }
        for point in Set(drift.map(\.point)).sorted() {
            let meter = point.split(separator: ".").first.map(String.init) ?? point
            var good = Int64.min
            for entry in DriftHistory(drift.filter { $0.point == point }).entries {
                let time = entry.reading.time
                if entry.isInOrder {
                    good = time
                } else if let one = doubt(.point(point), max(good, lastGood(meter, before: time)), time) {
                    found.append(one)
                }
            }
        }
        return found
    }
}

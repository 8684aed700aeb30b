import Metering

/// A meter whose check waits for people: it is overdue, due soon, or none is on record.
package struct DueCheck: Sendable, Hashable {
    /// How it stands.
    package enum Standing: Sendable, Hashable {
        /// It is to be checked, and no check is on record.
        case never
        case overdue(since: Instant)
        case soon(Instant)
    }

    package var meter: String
    package var standing: Standing

    /// Whether its day is over, or nobody knows of any.
    package var isLate: Bool {
        if case .soon = standing { return false }
        return true
    }
}

extension EnvironmentalRegister {
    /// How long before its day a check is due soon at the earliest; it is once three quarters of its time have passed.
    private static let notice: Int64 = 30 * 86_400_000

    /// The meters whose check is due at an instant, or soon will be, by the checks on record (in order of date): those
    /// without any first, then by their days.
    package func dueChecks(_ checks: [CalibrationRecord], at now: Instant) -> [DueCheck] {
        let found = instruments.compactMap { meter -> (day: Int64, check: DueCheck)? in
            guard let last = checks.last(where: { $0.meter == meter.name }) else {
                return meter.calibrated == nil ? nil : (.min, DueCheck(meter: meter.name, standing: .never))
            }
            guard let due = last.due else { return nil }
            let day = Instant(milliseconds: due)
            if due < now.milliseconds {
                return (due, DueCheck(meter: meter.name, standing: .overdue(since: day)))
            }
            let notice = min(EnvironmentalRegister.notice, (due - last.date) / 4)
            guard due - notice <= now.milliseconds else { return nil }
            return (due, DueCheck(meter: meter.name, standing: .soon(day)))
        }
        return found.sorted { ($0.day, $0.check.meter) < ($1.day, $1.check.meter) }.map(\.check)
    }
}

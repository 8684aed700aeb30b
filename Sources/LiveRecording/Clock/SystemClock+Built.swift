import Metering
import Platform

extension SystemClock {
    /// The day before the one on which this program was compiled, which holds in every time zone.
    package static let built: Instant = {
        guard let buildDate, let date = CivilDate(year: buildDate.year, month: buildDate.month, day: buildDate.day)
        else { return .distantPast }
        return Instant(milliseconds: Int64(date.dayNumber - 1) * 86_400_000)
    }()
}

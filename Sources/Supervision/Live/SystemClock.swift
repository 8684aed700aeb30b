import CClock
import Metering

/// What the system says of its clock, and the program of its age.
package enum SystemClock {
    /// The day before the one on which this program was compiled, which holds in every time zone.
    package static let built: Instant = {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let words = String(cString: emsd_build_date()).split(separator: " ")
        guard words.count == 3, let month = months.firstIndex(of: String(words[0])), let day = Int(words[1]),
            let year = Int(words[2]), let date = CivilDate(year: year, month: month + 1, day: day)
        else { return .distantPast }
        return Instant(milliseconds: Int64(date.dayNumber - 1) * 86_400_000)
    }()

    /// Whether the system says that its clock is synchronised.
    package static func isSynchronised() -> Bool { emsd_clock_is_synchronised() != 0 }
}

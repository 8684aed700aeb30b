import Foundation
import Platform

/// What a server says under `Retry-After`: seconds, or a date of HTTP (RFC 9110, 10.2.3).
///
/// Whoever answers may write anything there: what is neither is as if it were not said.
enum RetryAfter {
    /// Milliseconds from now on, a day at most; nil: it says nothing that can be followed.
    static func milliseconds(of text: String, now: Int64 = WallClock.milliseconds()) -> Int64? {
        let text = text.trimmingCharacters(in: .whitespaces)
        if !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) {
            // A number that is too large for an integer is a long time.
            return (Int64(text).map { min($0, longest / 1000) } ?? longest / 1000) * 1000
        }
        let form = DateFormatter()
        form.locale = Locale(identifier: "en_US_POSIX")
        form.timeZone = TimeZone(secondsFromGMT: 0)
        form.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        guard let date = form.date(from: text) else { return nil }
        let wait = date.timeIntervalSince1970 * 1000 - Double(now)
        return Int64(min(max(0, wait), Double(longest)))
    }

    private static let longest: Int64 = 86_400_000
}

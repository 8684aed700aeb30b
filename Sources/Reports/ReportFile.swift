import Foundation
import Listings
import Metering
import PlantAPI
import Platform

/// A report or a form as the bytes of a file.
///
/// ```
/// let request = ReportRequest(from: "2026-01-01", to: "2026-12-31")
/// try DurableFile.replace("report.html", with: ReportFile.bytes(request, record))
/// ```
package enum ReportFile {
    /// Makes what is asked for from a record: the same record and request make the same bytes.
    ///
    /// What is still open is told as of the end of the period, or of the newest reading where that is earlier. Throws a
    /// ``CommandError`` (64) for a period that is none.
    package static func bytes(_ request: ReportRequest, _ record: PlantRecord) throws -> [UInt8] {
        let clock = Instant(milliseconds: WallClock.milliseconds())
        let period = try ReportPeriod(from: request.from, to: request.to, now: clock, calendar: record.calendar)
        let newest = try record.read { try $0.newestTimes().compactMap { $0 }.max() } ?? period.stretch.end
        let now = min(newest, period.stretch.end)
        let html =
            if let form = request.form {
                try AuthorityForm(form, record, period, now: now).html
            } else {
                try ManagementReport.html(record, period, now: now)
            }
        return Array(html.utf8)
    }
}

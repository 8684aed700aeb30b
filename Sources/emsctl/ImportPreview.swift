import Foundation
import Metering
import PlantAPI
import Programs
import ReadingFiles

/// What an import would take: its first rows, and each point's share.
struct ImportPreview {
    private struct Share {
        var count = 0
        var bad = 0
        var first = Instant.distantFuture
        var last = Instant.distantPast
        var least = Double.infinity
        var greatest = -Double.infinity
    }

    private static let rows = 10

    private let names: PointNames
    private var shares: [PointIndex: Share] = [:]
    private var rows: [Reading] = []
    private(set) var count = 0

    init(_ names: PointNames) { self.names = names }

    /// Points that rows are about.
    var points: Int { shares.count }

    mutating func take(_ readings: [Reading]) {
        count += readings.count
        if rows.count < ImportPreview.rows { rows += readings.prefix(ImportPreview.rows - rows.count) }
        for reading in readings {
            var share = shares[reading.point] ?? Share()
            share.count += 1
            share.first = min(share.first, reading.time)
            share.last = max(share.last, reading.time)
            if reading.isUsable {
                share.least = min(share.least, reading.value)
                share.greatest = max(share.greatest, reading.value)
            } else {
                share.bad += 1
            }
            shares[reading.point] = share
        }
    }

    /// As it is shown.
    var lines: [ShownText] {
        var lines = rows.map { reading in
            "\(names.local(reading.time))  \(names.name(of: reading.point))  "
                + (reading.isUsable
                    ? "\(reading.value)  \(reading.quality.text)" : "-  bad  \(reading.reason.text)")
        }
        if count > rows.count { lines.append("… \(count - rows.count) more") }
        for (point, share) in shares.sorted(by: { $0.key < $1.key }) {
            let values = share.least <= share.greatest ? ", values \(share.least) to \(share.greatest)" : ""
            lines.append(
                "\(names.name(of: point)): \(share.count) readings, \(share.bad) of them bad, "
                    + "\(names.local(share.first)) to \(names.local(share.last))\(values)")
        }
        lines.append(count == 0 ? "no readings" : "nothing was taken: leave --dry-run out to take them")
        return lines.map { ShownText($0) }
    }
}

import Conformity
import Evidence
import Foundation
import Indicators
import Metering
import PlantConfiguration
import RecordKeeping
import Recording
import Storage
import StoreComparison

/// The files of a bundle laid into a database: a record that begins with how it stood where the readings begin.
struct BundleRecord {
    let kept: KeptText.Kept
    private let files: [String: [UInt8]]
    /// From when on what is before is taken as it stands; nil: the record begins with these readings.
    let begin: Instant?

    /// The record of a bundle's files; nil where they do not say how it stood.
    init?(_ files: [String: [UInt8]]) {
        guard let bytes = files[RecordBeginning.file], let kept = KeptText.read(bytes) else { return nil }
        (self.kept, self.files) = (kept, files)
        let start = kept.rows.first { $0.table == .meta && $0.cells["key"] == .text("record_start") }?["value"]
        begin = start.map { Instant(milliseconds: $0) < kept.readings.start } == true ? kept.readings.start : nil
    }

    /// Makes the database in a directory. Throws a ``StoreFault`` where the rows are none of a record.
    func lay(in directory: String, _ report: inout CheckReport) throws -> PlantStore {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let store = try PlantStore.laid(in: directory, kept.rows + (try configurationFiles(&report)) + numbers)
        try take(into: store, &report)
        try store.write { try $0.setClock(kept.readings.end + 366 * 86_400_000) }
        try store.close()
        return try PlantStore(directory: directory, access: .readOnly)
    }

    /// The plan by which it is made once more.
    func plan(_ reader: StoreReader) throws -> RetracePlan {
        let part = Window(start: begin ?? kept.readings.start - 86_400_000, end: kept.readings.end)
        return try RetracePlan(reader, part: part, deleted: begin)
    }

    /// The files of each configuration, which stand as files of their own.
    private func configurationFiles(_ report: inout CheckReport) throws -> [KeptRow] {
        var rows: [KeptRow] = []
        for row in kept.rows where row.table == .configurationFile {
            guard let version = row["version"], let position = row["position"],
                case .text(let digest)? = row.cells["file"]
            else { continue }
            let name = "configuration/\(version)/\(position).txt"
            guard let bytes = files[name] else {
                report.differs("\(name): it is not there")
                continue
            }
            var file = KeptFile(name: name, digest: digest, bytes: bytes)
            try file.pack()
            rows.append(
                KeptRow(
                    .keptFile,
                    [
                        "digest": .text(digest), "size": .integer(Int64(bytes.count)),
                        "data": .blob(file.packed ?? []),
                    ]))
        }
        return rows
    }

    /// Numbers that no nonconformity of the record has: what is raised once more is known by its objective and onset.
    private var numbers: [KeptRow] {
        (1970...2200).map { KeptRow(.number, ["year": .integer($0), "last": .integer(900_000)]) }
    }

    private func take(into store: PlantStore, _ report: inout CheckReport) throws {
        var points: [String: PointIndex] = [:]
        for (index, point) in store.names.points.enumerated() { points[point.name] = PointIndex(index) }
        for name in files.keys.sorted() where name.hasPrefix("readings/") {
            var readings: [Reading] = []
            for row in BundleTables.rows(of: files[name] ?? []) {
                guard row.count == 5, let point = points[row[1]], let reading = reading(row, point) else {
                    report.differs("\(name): the row \(row.joined(separator: ",")) is no reading of a point")
                    continue
                }
                readings.append(reading)
            }
            try store.write { _ = try $0.append(readings) }
        }
    }

    private func reading(_ row: [String], _ point: PointIndex) -> Reading? {
        guard let time = Instant(row[0]), let quality = Quality(text: row[3]) else { return nil }
        let reason = row[4].isEmpty ? Reason.none : Reason(text: row[4])
        guard let reason else { return nil }
        if quality == .bad { return Reading(point, time, bad: reason) }
        return Double(row[2]).map { Reading(point, time, $0, quality, reason) }
    }
}

import Foundation
import ManagementSystem
import Metering
import Storage

/// What people enter of meters beside readings, as the database keeps it.
package enum ManagementRecords {
    /// What is stored of checks and cannot be read: it stays as it is, and nothing is written over it.
    package struct Unreadable: Error, Sendable, CustomStringConvertible {
        package var description: String {
            "the checks of meters cannot be read in the database; they are kept, and none can be added until it is put right: "
                + "restore the database from a backup"
        }
    }

    /// All checks of meters, in order of meter and date; throws ``Unreadable``.
    package static func calibrations(in reader: StoreReader) throws -> [CalibrationRecord] {
        try decoded(reader.note(calibrationKey))
    }

    /// All readings at zero and span, in order of point and time; throws ``Unreadable``.
    package static func drift(in reader: StoreReader) throws -> [DriftReading] {
        try decoded(reader.note(driftKey))
    }

    /// What all of them put in doubt; `now` is the end of a record that has not begun.
    package static func doubts(in reader: StoreReader, now: Instant) throws -> [Doubt] {
        try doubts(calibrations(in: reader), drift(in: reader), reader, now: now)
    }

    /// The same with a check that is not on record yet.
    static func doubts(in reader: StoreReader, with check: CalibrationRecord, now: Instant) throws -> [Doubt] {
        try doubts(checks(with: check, in: reader), drift(in: reader), reader, now: now)
    }

    /// The same with a reading at zero and span that is not on record yet.
    static func doubts(in reader: StoreReader, with reading: DriftReading, now: Instant) throws -> [Doubt] {
        try doubts(calibrations(in: reader), readings(with: reading, in: reader), reader, now: now)
    }

    private static func doubts(
        _ checks: [CalibrationRecord], _ drift: [DriftReading], _ reader: StoreReader, now: Instant
    ) throws -> [Doubt] {
        guard !checks.isEmpty || !drift.isEmpty else { return [] }
        return Doubt.all(of: checks, drift, since: try reader.recordStart() ?? now)
    }

    /// Adds a check, in the place of one of the same meter and date.
    package static func add(_ record: CalibrationRecord, in writer: StoreWriter) throws {
        try keep(checks(with: record, in: writer), in: writer)
    }

    private static func checks(
        with record: CalibrationRecord, in reader: StoreReader
    ) throws -> [CalibrationRecord] {
        let others = try calibrations(in: reader).filter { $0.meter != record.meter || $0.date != record.date }
        return (others + [record]).sorted { ($0.meter, $0.date) < ($1.meter, $1.date) }
    }

    /// Adds a reading at zero and span, in the place of one of the same point and time.
    package static func add(_ reading: DriftReading, in writer: StoreWriter) throws {
        try keep(readings(with: reading, in: writer), in: writer)
    }

    private static func readings(with reading: DriftReading, in reader: StoreReader) throws -> [DriftReading] {
        let others = try drift(in: reader).filter { $0.point != reading.point || $0.time != reading.time }
        return (others + [reading]).sorted { ($0.point, $0.time) < ($1.point, $1.time) }
    }

    /// Lets checks follow their meters and points to new names.
    package static func rename(meters: [String: String], points: [String: String], in writer: StoreWriter) throws {
        var checks = try calibrations(in: writer)
        if checks.contains(where: { meters[$0.meter] != nil }) {
            for index in checks.indices { checks[index].meter = meters[checks[index].meter] ?? checks[index].meter }
            try keep(checks, in: writer)
        }
        var readings = try drift(in: writer)
        if readings.contains(where: { points[$0.point] != nil }) {
            for index in readings.indices {
                readings[index].point = points[readings[index].point] ?? readings[index].point
            }
            try keep(readings, in: writer)
        }
    }

    private static let calibrationKey = "calibrations"
    private static let driftKey = "drift_readings"

    private static func keep(_ checks: [CalibrationRecord], in writer: StoreWriter) throws {
        try writer.setNote(calibrationKey, encoded(checks.sorted { ($0.meter, $0.date) < ($1.meter, $1.date) }))
    }

    private static func keep(_ readings: [DriftReading], in writer: StoreWriter) throws {
        try writer.setNote(driftKey, encoded(readings.sorted { ($0.point, $0.time) < ($1.point, $1.time) }))
    }

    private static func decoded<T: Decodable>(_ text: String?) throws -> [T] {
        guard let text else { return [] }
        do { return try JSONDecoder().decode([T].self, from: Data(text.utf8)) } catch { throw Unreadable() }
    }

    private static func encoded<T: Encodable>(_ records: [T]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(records), as: UTF8.self)
    }
}

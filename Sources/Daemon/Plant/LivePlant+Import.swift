import Conformity
import Foundation
import Metering
import PlantAPI
import PlantConfiguration
import ReadingFiles
import Recording

extension LivePlant {
    /// Takes a piece of an import in beside polling.
    ///
    /// Throws a ``CommandError``: 65 for a row that is none or lies in the future, 69 while another import is under way.
    func takeIn(_ body: Data, by user: String) throws -> ImportAnswer {
        guard let request = try? JSONDecoder().decode(ImportRequest.self, from: body), !request.id.isEmpty else {
            throw CommandError(.badInput, "a piece of an import is a JSON object with \"id\", \"files\" and \"rows\"")
        }
        let names = PointNames(plant)
        let readings = try ImportRows.readings(request.rows, names, until: now)
        return try recording.perform { [self] recorder in
            guard recorder.plant.digest == plant.digest else {
                throw CommandError(
                    .unreachable, "the configuration changed while the import was under way: import again",
                    matter: .conflict)
            }
            let now = now
            let piece = Recorder.ImportPiece(
                id: request.id, by: user, files: request.files, reason: request.reason, readings: readings)
            _ = try recorder.takeIn(piece, now: now)
            let changed = recorder.imported
            if request.isLast { try recorder.endImport(now: now) }
            return ImportAnswer(changed: changed)
        }
    }

    /// Takes a figure that a person read off as a reading like any other; returns a sentence about it.
    ///
    /// Throws a ``CommandError`` (65) where there is no such point, or the body or its time is wrong.
    func enter(_ name: String, body: Data, by user: String) throws -> String {
        guard let request = try? JSONDecoder().decode(EntryRequest.self, from: body), request.value.isFinite else {
            throw CommandError(.badInput, "an entry is a JSON object with \"value\" and \"reason\"")
        }
        let quality = Quality(text: request.quality ?? "good")
        guard let quality, quality != .bad else {
            throw CommandError(.badInput, "--quality is good or uncertain, not '\(request.quality ?? "")'")
        }
        guard !request.reason.allSatisfy(\.isWhitespace) else {
            throw CommandError(.badInput, "a figure needs a reason: who read it, and why it is entered")
        }
        return try recording.perform { [self] recorder in
            let plan = recorder.plan
            let names = PointNames(recorder.plant)
            var wanted = name
            guard let point = wanted.withUTF8({ names.find(UnsafeRawBufferPointer($0), after: 0) }) else {
                throw CommandError(.badInput, names.unknown(name), matter: .absent)
            }
            let now = now
            let time = try request.time.map {
                try TimeBound.instant($0, option: "--time", now: now, calendar: plan.calendar)
            }
            let reading = Reading(point, time ?? now, request.value, quality)
            guard Instant.recordable.contains(reading.time), reading.time <= now else {
                throw CommandError(.badInput, "--time '\(reading.time.text)' is still to come, or before 1970")
            }
            let before = try store.read { reader -> Reading? in
                var found: Reading?
                let instant = Window(start: reading.time, end: reading.time + 1)
                try reader.readings(point, in: instant) { found = $0 }
                return found
            }
            let piece = Recorder.ImportPiece(
                id: "entry", by: user, files: [], reason: request.reason, readings: [reading])
            _ = try recorder.takeIn(piece, now: now)
            try recorder.endImport(
                now: now,
                saying: .entered(
                    reading, of: name, insteadOf: before, by: user, reason: request.reason, at: now))
            return "\(name): \(request.value) at \(plan.calendar.text(reading.time)) entered"
                + (before.map { $0.isUsable ? ", in place of \($0.value)" : ", in place of a bad reading" } ?? "")
                + "\n"
        }
    }
}

/// The rows of an import on their way through the socket.
enum ImportRows {
    /// The readings of such rows, in order of time; throws a ``CommandError`` (65) for what is none.
    static func readings(_ rows: String, _ names: PointNames, until now: Instant) throws -> [Reading] {
        var readings: [Reading] = []
        var previous: PointIndex = 0
        var rows = rows
        try rows.withUTF8 { bytes in
            for line in bytes.split(separator: 10) {
                let fields = line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
                guard fields.count == 5, let milliseconds = Int64(String(decoding: fields[0], as: UTF8.self)),
                    let quality = Quality(text: String(decoding: fields[3], as: UTF8.self))
                else { throw refusal(line) }
                let time = Instant(milliseconds: milliseconds)
                guard Instant.recordable.contains(time), time <= now else {
                    throw CommandError(.badInput, "a reading of \(time.text) is still to come, or before 1970")
                }
                let name = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: fields[1]))
                guard let point = names.find(name, after: previous) else {
                    throw CommandError(.badInput, names.unknown(String(decoding: fields[1], as: UTF8.self)))
                }
                previous = point
                if quality == .bad {
                    let reason = Reason(text: String(decoding: fields[4], as: UTF8.self)) ?? .missing
                    readings.append(Reading(point, time, bad: reason))
                } else {
                    guard let value = Double(String(decoding: fields[2], as: UTF8.self)), value.isFinite else {
                        throw refusal(line)
                    }
                    readings.append(Reading(point, time, value, quality))
                }
            }
        }
        return readings.sorted { $0.time < $1.time }
    }

    private static func refusal(_ line: some Sequence<UInt8>) -> CommandError {
        CommandError(.badInput, "'\(String(decoding: Array(line), as: UTF8.self))' is no row of an import")
    }
}

import Foundation
import Metering

/// A recording in CSV: `time,point,value` and perhaps `quality` and `reason`, in any order of columns, gzip'd or not.
package final class ReadingFile {
    package let path: String
    private let lines: CSVLines
    private let names: PointNames
    private let skipsBadRows: Bool
    private let report: (ReadingFileFault) -> Void
    private var columns = Columns()
    private var previous: PointIndex = 0
    /// Readings so far, and the time of the last.
    private var rows = 0
    private var lastTime: Instant?

    private struct Columns {
        var time = 0
        var point = 1
        var value = 2
        var quality: Int?
        var reason: Int?
        var least = 3
        /// All that the header names.
        var count = 3
    }

    /// Opens a recording and reads its header.
    package init(
        path: String, names: PointNames, skipsBadRows: Bool, report: @escaping (ReadingFileFault) -> Void
    ) throws(ReadingFileFault) {
        self.path = path
        self.names = names
        self.skipsBadRows = skipsBadRows
        self.report = report
        lines = try CSVLines(path: path)
        guard try lines.next() else {
            throw lines.fault("is empty: it needs the header time,point,value,quality", isInRow: false)
        }
        try readHeader()
    }

    /// Appends up to that many readings; false at the end of the file.
    ///
    /// A file that ends within a row is a fault that says what was read; nothing of that row is among the readings.
    package func read(_ limit: Int, into readings: inout [Reading]) throws(ReadingFileFault) -> Bool {
        var left = limit
        while left > 0 {
            do {
                guard try lines.next() else { return false }
            } catch {
                throw withWhatWasRead(error)
            }
            if lines.isUnended, let cut = cutOff() { throw withWhatWasRead(cut) }
            do {
                let reading = try reading()
                readings.append(reading)
                rows += 1
                lastTime = reading.time
            } catch {
                if !skipsBadRows { throw error }
                report(error)
                // What cannot be read is not what was before it: the value before must not be held on.
                if let (point, time) = try? place() { readings.append(Reading(point, time, bad: .unreadable)) }
            }
            left -= 1
        }
        return true
    }

    private func withWhatWasRead(_ fault: ReadingFileFault) -> ReadingFileFault {
        var fault = fault
        let last = lastTime.map { ", the last of \($0.text)" } ?? ""
        fault.message += "; \(rows) rows were read\(last): get the whole file and replay it"
        return fault
    }

    /// What shows that the last row, which no line break ends, may not be all there.
    ///
    /// The words of quality and reason are whole or no words, and quotes are closed or not. A number may always be the
    /// beginning of another, unless the file is compressed, which says where it ends.
    private func cutOff() -> ReadingFileFault? {
        if lines.isQuoteOpen || lines.fields.count < columns.count {
            return lines.fault("ends within this row: the file was cut off")
        }
        if lines.isCompressed || lines.isLastQuoted { return nil }
        let last = lines.fields.count - 1
        let isWord = last == columns.quality || last == columns.reason
        if isWord, !lines.fields[last].isEmpty { return nil }
        return lines.fault(
            "ends without a line break, so that its last field may be cut off: end the row with one if it is whole")
    }

    private func readHeader() throws(ReadingFileFault) {
        let words = lines.fields.map { lines.text($0).trimmingCharacters(in: .whitespaces).lowercased() }
        func column(_ name: String) -> Int? { words.firstIndex(of: name) }
        guard let time = column("time"), let point = column("point"), let value = column("value") else {
            throw lines.fault("the header must name the columns time, point and value, and may name quality")
        }
        columns = Columns(
            time: time, point: point, value: value, quality: column("quality"), reason: column("reason"),
            least: max(time, point, value) + 1, count: words.count)
    }

    /// Which point the row is about, and when.
    private func place() throws(ReadingFileFault) -> (PointIndex, Instant) {
        let fields = lines.fields
        guard fields.count >= columns.least else {
            throw lines.fault("has \(fields.count) fields where \(columns.least) are needed")
        }
        guard !lines.isQuoteOpen else { throw lines.fault("has a quote that is not closed") }
        guard let time = Instant(rfc3339: lines.bytes(fields[columns.time])) else {
            throw lines.fault("'\(lines.text(fields[columns.time]))' is not a time such as 2026-03-29T22:00:00Z")
        }
        guard Instant.recordable.contains(time) else {
            throw lines.fault("'\(lines.text(fields[columns.time]))' is not in the years 1970 to 2100")
        }
        guard let point = names.find(lines.bytes(fields[columns.point]), after: previous) else {
            throw lines.fault(names.unknown(lines.text(fields[columns.point])))
        }
        previous = point
        return (point, time)
    }

    private func reading() throws(ReadingFileFault) -> Reading {
        let (point, time) = try place()
        let fields = lines.fields
        var quality = Quality.good
        if let column = columns.quality, column < fields.count, !fields[column].isEmpty {
            guard let named = self.quality(fields[column]) else {
                throw lines.fault("'\(lines.text(fields[column]))' is not one of good, uncertain and bad")
            }
            quality = named
        }
        var reason = Reason.none
        if let column = columns.reason, column < fields.count, !fields[column].isEmpty {
            guard let named = Reason(text: lines.text(fields[column])) else {
                throw lines.fault("'\(lines.text(fields[column]))' is not a reason")
            }
            reason = named
        }
        let field = fields[columns.value]
        if field.isEmpty || quality == .bad { return Reading(point, time, bad: reason == .none ? .missing : reason) }
        if let value = DecimalText.number(lines.bytes(field)) { return Reading(point, time, value, quality, reason) }
        guard let absent = absence(lines.text(field)) else {
            throw lines.fault("'\(lines.text(field))' is not a number")
        }
        return Reading(point, time, bad: reason == .none ? absent : reason)
    }

    /// Why there is no value, where the field says so in one of the ways in which programs do.
    private func absence(_ text: String) -> Reason? {
        switch text.trimmingCharacters(in: .whitespaces).lowercased() {
        case "", "null", "-", "n/a": .missing
        case "nan", "inf", "+inf", "-inf", "infinity", "-infinity": .notFinite
        default: nil
        }
    }

    private func quality(_ field: Range<Int>) -> Quality? {
        let bytes = lines.bytes(field)
        if bytes.count == 4, bytes[0] == UInt8(ascii: "g") { return lines.text(field) == "good" ? .good : nil }
        return Quality(text: lines.text(field))
    }
}

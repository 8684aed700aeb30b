import Foundation
import Metering

/// A recording in CSV: `time,point,value` and perhaps `quality` and `reason`, in any order of columns, gzip'd or not, or in
/// another ``ReadingForm``.
///
/// ```
/// let file = try ReadingFile(path: "october.csv.gz", names: PointNames(plant), skipsBadRows: false) { complain($0) }
/// var readings: [Reading] = []
/// while try file.read(10_000, into: &readings) { take(&readings) }
/// ```
package final class ReadingFile {
    package let path: String
    private let lines: CSVLines
    private let names: PointNames
    private let form: ReadingForm
    private let skipsBadRows: Bool
    private let report: (ReadingFileFault) -> Void
    private var times: ReadingTimes
    private var columns = ReadingColumns()
    private var previous: PointIndex = 0
    /// Whether the row at hand is the first and no head.
    private var hasRow = false
    /// What the row at hand is about and when, as far as it says so.
    private var placed: (point: PointIndex, time: Instant)?
    /// Readings so far, and the time of the last.
    private var rows = 0
    private var lastTime: Instant?

    /// Opens a recording and reads its header.
    package init(
        path: String, form: ReadingForm = ReadingForm(), names: PointNames, skipsBadRows: Bool,
        report: @escaping (ReadingFileFault) -> Void
    ) throws(ReadingFileFault) {
        self.path = path
        self.names = names
        self.form = form
        self.skipsBadRows = skipsBadRows
        self.report = report
        times = ReadingTimes(form, names.calendar)
        lines = try CSVLines(path: path, delimiter: form.delimiter)
        try lines.skip(form.skippedLines)
        guard try lines.next() else {
            throw lines.fault("is empty: it needs the header time,point,value,quality", isInRow: false)
        }
        let words = lines.fields.map { lines.text($0) }
        do {
            columns = try ReadingColumns(words, form)
        } catch {
            throw lines.fault(error.message)
        }
        // Where all columns are numbered there may be no header.
        hasRow = !columns.isHeaded && !looksLikeHeader()
        if let name = form.point {
            guard let point = find(name) else { throw lines.fault(names.unknown(name), isInRow: false) }
            columns.fixed = point
        }
    }

    /// A sentence about times of this file that mean two instants; nil where there are none.
    package var remark: String? { times.remark.map { "\(path): \($0)" } }

    /// How many bytes of the file were read so far, and how many it has.
    var progress: (read: Int64, of: Int64) { lines.progress }

    private func find(_ name: String) -> PointIndex? {
        var name = name
        return name.withUTF8 { names.find(UnsafeRawBufferPointer($0), after: previous) }
    }

    /// Whether neither the time nor the value of the row is one.
    private func looksLikeHeader() -> Bool {
        let fields = lines.fields
        guard fields.count >= columns.least else { return true }
        let isTime = (try? timeMeaning()) != nil
        let value = lines.trimmed(fields[columns.value])
        return !isTime && number(value) == nil && absence(lines.text(value)) == nil
    }

    /// Goes on to the next row; false after the last.
    private func next() throws(ReadingFileFault) -> Bool {
        placed = nil
        if hasRow {
            hasRow = false
            return true
        }
        return try lines.next()
    }

    /// Appends up to that many readings; false at the end of the file.
    ///
    /// A file that ends within a row is a fault that says what was read; nothing of that row is among the readings.
    package func read(_ limit: Int, into readings: inout [Reading]) throws(ReadingFileFault) -> Bool {
        var left = limit
        while left > 0 {
            do {
                guard try next() else { return false }
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
                if let (point, time) = placed { readings.append(Reading(point, time, bad: .unreadable)) }
            }
            left -= 1
        }
        return true
    }

    private func withWhatWasRead(_ fault: ReadingFileFault) -> ReadingFileFault {
        var fault = fault
        let last = lastTime.map { ", the last of \($0.text)" } ?? ""
        fault.message += "; \(rows) rows were read\(last): get the whole file and read that"
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

    /// Which point the row is about, and when.
    private func place() throws(ReadingFileFault) -> (PointIndex, Instant) {
        let fields = lines.fields
        guard fields.count >= columns.least else {
            throw lines.fault("has \(fields.count) fields where \(columns.least) are needed")
        }
        guard !lines.isQuoteOpen else { throw lines.fault("has a quote that is not closed") }
        let meaning: TimePattern.Meaning
        do { meaning = try timeMeaning() } catch { throw faultOfTime(error.message) }
        let point = try point()
        var time: Instant
        do { time = try times.instant(meaning, of: point, line: lines.line) } catch {
            throw faultOfTime(error.message)
        }
        if let isStart = form.isStampedAtStart {
            guard let stretch = names.stretch(of: point) else {
                throw lines.fault(
                    "'\(names.name(of: point))' is not of the kind 'interval', and only such have a stamp")
            }
            // Both stamps name the same stretch.
            if isStart != stretch.isStampedAtStart { time = time + (isStart ? stretch.length : -stretch.length) }
        }
        guard Instant.recordable.contains(time) else { throw faultOfTime("is not in the years 1970 to 2100") }
        if let latest = form.latest, time > latest { throw faultOfTime("is still to come") }
        previous = point
        placed = (point, time)
        return (point, time)
    }

    private func point() throws(ReadingFileFault) -> PointIndex {
        if let fixed = columns.fixed { return fixed }
        guard let column = columns.point else { return previous }
        let field = lines.trimmed(lines.fields[column])
        guard let point = names.find(lines.bytes(field), after: previous) else {
            throw lines.fault(names.unknown(lines.text(field)))
        }
        return point
    }

    /// What the row says about its time, in one column or in two.
    private func timeMeaning() throws(ReadingTimes.Fault) -> TimePattern.Meaning {
        guard columns.date != nil else {
            return try times.meaning(lines.bytes(lines.trimmed(lines.fields[columns.time])))
        }
        return try Array(timeText.utf8).withUnsafeBytes { bytes in
            Result { () throws(ReadingTimes.Fault) in try times.meaning(bytes) }
        }.get()
    }

    private var timeText: String {
        [columns.date, columns.time].compactMap { $0 }.map { lines.text(lines.trimmed(lines.fields[$0])) }
            .joined(separator: " ")
    }

    private func faultOfTime(_ message: String) -> ReadingFileFault { lines.fault("'\(timeText)' \(message)") }

    private func number(_ field: Range<Int>) -> Double? {
        form.hasDecimalComma ? DecimalText.numberWithComma(lines.bytes(field)) : DecimalText.number(lines.bytes(field))
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
        if fields.count > columns.count, fields[columns.count...].contains(where: { !$0.isEmpty }) {
            throw lines.fault(
                "has \(fields.count) fields where the first row has \(columns.count): a decimal comma needs quotes, or another "
                    + "delimiter than the comma")
        }
        let field = lines.trimmed(fields[columns.value])
        if field.isEmpty || quality == .bad { return Reading(point, time, bad: reason == .none ? .missing : reason) }
        if let value = number(field) { return Reading(point, time, value, quality, reason) }
        guard let absent = absence(lines.text(field)) else {
            let hint =
                !form.hasDecimalComma && DecimalText.numberWithComma(lines.bytes(field)) != nil
                ? ": a decimal comma is read by emsctl import --decimal ," : ""
            throw lines.fault("'\(lines.text(field))' is not a number\(hint)")
        }
        return Reading(point, time, bad: reason == .none ? absent : reason)
    }

    /// Why there is no value, where the field says so in one of the ways in which programs do.
    private func absence(_ text: String) -> Reason? {
        switch text.trimmingCharacters(in: .whitespaces).lowercased() {
        case "", "null", "none", "-", "n/a", "na", "#n/a", "#nv": .missing
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

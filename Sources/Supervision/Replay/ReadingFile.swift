import Foundation
import Metering

/// A recording in CSV: `time,point,value` and perhaps `quality` and `reason`, in any order of columns, gzip'd or not.
final class ReadingFile {
    let path: String
    private let reader: InflatingReader
    private let names: PointNames
    private let skipsBadRows: Bool
    private let report: (ReadingFileFault) -> Void
    private static let capacity = 1 << 20
    private let base: UnsafeMutableRawPointer
    private var buffer: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: base, count: ReadingFile.capacity)
    }
    private var start = 0
    private var end = 0
    private var isAtEnd = false
    private var line = 0
    private var columns = Columns()
    private var fields: [Range<Int>] = []
    private var previous: PointIndex = 0

    private struct Columns {
        var time = 0
        var point = 1
        var value = 2
        var quality: Int?
        var reason: Int?
        var least = 3
    }

    /// Opens a recording and reads its header.
    init(
        path: String, names: PointNames, skipsBadRows: Bool, report: @escaping (ReadingFileFault) -> Void
    ) throws(ReadingFileFault) {
        base = .allocate(byteCount: ReadingFile.capacity, alignment: 16)
        self.path = path
        self.names = names
        self.skipsBadRows = skipsBadRows
        self.report = report
        reader = try InflatingReader(path: path)
        guard let header = try nextLine() else {
            throw fault("is empty: it needs the header time,point,value,quality", line: nil)
        }
        try readHeader(header)
    }

    deinit { base.deallocate() }

    /// Appends up to that many readings; false at the end of the file.
    func read(_ limit: Int, into readings: inout [Reading]) throws(ReadingFileFault) -> Bool {
        var left = limit
        while left > 0 {
            guard let row = try nextLine() else { return false }
            if row.isEmpty { continue }
            do {
                readings.append(try reading(row))
            } catch {
                if !skipsBadRows { throw error }
                report(error)
            }
            left -= 1
        }
        return true
    }

    private func fault(_ message: String, line: Int?) -> ReadingFileFault {
        ReadingFileFault(file: path, line: line, message: message, isInput: true)
    }

    private func readHeader(_ header: Range<Int>) throws(ReadingFileFault) {
        split(header)
        let words = fields.map { text($0).trimmingCharacters(in: CharacterSet(charactersIn: "\u{FEFF} ")) }
        func column(_ name: String) -> Int? { words.firstIndex(of: name) }
        guard let time = column("time"), let point = column("point"), let value = column("value") else {
            throw fault("the header must name the columns time, point and value, and may name quality", line: 1)
        }
        columns = Columns(
            time: time, point: point, value: value, quality: column("quality"), reason: column("reason"),
            least: max(time, point, value) + 1)
    }

    private func reading(_ row: Range<Int>) throws(ReadingFileFault) -> Reading {
        split(row)
        guard fields.count >= columns.least else {
            throw fault("has \(fields.count) fields where \(columns.least) are needed", line: line)
        }
        guard let time = Instant(rfc3339: bytes(fields[columns.time])) else {
            throw fault("'\(text(fields[columns.time]))' is not a time such as 2026-03-29T22:00:00Z", line: line)
        }
        guard let point = names.find(bytes(fields[columns.point]), after: previous) else {
            throw fault(names.unknown(text(fields[columns.point])), line: line)
        }
        previous = point
        var quality = Quality.good
        if let column = columns.quality, column < fields.count, !fields[column].isEmpty {
            guard let named = self.quality(fields[column]) else {
                throw fault("'\(text(fields[column]))' is not one of good, uncertain and bad", line: line)
            }
            quality = named
        }
        var reason = Reason.none
        if let column = columns.reason, column < fields.count, !fields[column].isEmpty {
            guard let named = Reason(text: text(fields[column])) else {
                throw fault("'\(text(fields[column]))' is not a reason", line: line)
            }
            reason = named
        }
        let field = fields[columns.value]
        if field.isEmpty || quality == .bad { return Reading(point, time, bad: reason == .none ? .missing : reason) }
        guard let value = DecimalText.number(bytes(field)) else {
            throw fault("'\(text(field))' is not a number", line: line)
        }
        return Reading(point, time, value, quality, reason)
    }

    private func quality(_ field: Range<Int>) -> Quality? {
        if field.count == 4, buffer[field.lowerBound] == UInt8(ascii: "g") {
            return text(field) == "good" ? .good : nil
        }
        return Quality(text: text(field))
    }

    private func bytes(_ field: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: buffer[field])
    }

    private func text(_ field: Range<Int>) -> String { String(decoding: bytes(field), as: UTF8.self) }

    private func split(_ row: Range<Int>) {
        fields.removeAll(keepingCapacity: true)
        var start = row.lowerBound
        for index in row where buffer[index] == UInt8(ascii: ",") {
            fields.append(unquoted(start..<index))
            start = index + 1
        }
        fields.append(unquoted(start..<row.upperBound))
    }

    private func unquoted(_ field: Range<Int>) -> Range<Int> {
        guard field.count >= 2, buffer[field.lowerBound] == UInt8(ascii: "\""),
            buffer[field.upperBound - 1] == UInt8(ascii: "\"")
        else { return field }
        return (field.lowerBound + 1)..<(field.upperBound - 1)
    }

    /// The bytes of the next line without its end, as a place in the buffer; nil after the last.
    private func nextLine() throws(ReadingFileFault) -> Range<Int>? {
        var searched = start
        while true {
            if let found = memchr(base + searched, 10, end - searched) {
                let index = found - base
                defer { start = index + 1 }
                line += 1
                return withoutReturn(start..<index)
            }
            searched = end
            if isAtEnd {
                guard start < end else { return nil }
                defer { start = end }
                line += 1
                return withoutReturn(start..<end)
            }
            searched -= start
            try refill()
        }
    }

    private func withoutReturn(_ row: Range<Int>) -> Range<Int> {
        !row.isEmpty && buffer[row.upperBound - 1] == 13 ? row.lowerBound..<(row.upperBound - 1) : row
    }

    private func refill() throws(ReadingFileFault) {
        if start > 0 {
            memmove(base, base + start, end - start)
            end -= start
            start = 0
        }
        guard end < ReadingFile.capacity else {
            throw fault("is longer than a megabyte: this is not a recording", line: line + 1)
        }
        let count = try reader.read(
            into: UnsafeMutableRawBufferPointer(start: base + end, count: ReadingFile.capacity - end))
        end += count
        isAtEnd = count == 0
    }
}

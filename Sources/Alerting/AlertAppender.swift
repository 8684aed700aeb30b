import Conformity
import Foundation
import Metering
import PlantConfiguration
import Platform
import Storage

/// One alert file: appends lines exactly once, over crashes, renames and truncations.
///
/// How far the file has come is recorded after each write as the number of lines, and the size and inode of the file at
/// that time.
/// A crash between write and record leaves lines behind the recorded size: they are found again there by comparing them
/// with the
/// alerts that still wait, also where the file was renamed, copied or compressed meanwhile: see ``AlertTraces``.
struct AlertAppender: ~Copyable {
    /// What the configuration says about it.
    let definition: Plant.AlertDestination
    /// How far it has come; ahead of what is recorded while ``isRecorded`` is false.
    private(set) var delivery: AlertDelivery
    /// Whether the outbox knows ``delivery``.
    private(set) var isRecorded = true
    private var descriptor: Int32 = -1
    private var isRegular = true
    private var mustSearch = true
    /// The paths of the other configured files.
    private let others: [String]

    /// The file after what was recorded of it, beside others.
    init(_ definition: Plant.AlertDestination, delivery: AlertDelivery, others: [String] = []) {
        self.definition = definition
        self.others = others
        self.delivery = delivery
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Appends those of the alerts that matter enough, makes sure that they are on the disk, and records it; returns
    /// how many lines it wrote.
    ///
    /// Throws an ``AlertFileFault`` where the file cannot be written: then nothing counts as delivered and the alerts
    /// wait.
    mutating func deliver(_ alerts: [AlertRecord], to outbox: some AlertOutbox) throws -> Int {
        try follow()
        var waiting = alerts[...]
        if mustSearch {
            if isRegular, delivery.inode != 0 { waiting = recover(waiting, lastLine: try lastLine(in: outbox)) }
            try adopt()
            mustSearch = false
        }
        // Where the lines will begin is known to the outbox before they are written: a crash is then undone by looking
        // there.
        if !isRecorded { try record(in: outbox) }
        var bytes: [UInt8] = []
        var lines = delivery.lines
        for alert in waiting where isWanted(alert) {
            lines += 1
            bytes += line(alert, seq: lines)
        }
        let written = lines - delivery.lines
        if !bytes.isEmpty { try append(bytes) }
        delivery.lines = lines
        if let last = alerts.last { delivery.delivered = last.seq }
        isRecorded = false
        try record(in: outbox)
        return written
    }

    /// Records how far the file has come.
    mutating func record(in outbox: some AlertOutbox) throws {
        try outbox.record(delivery)
        isRecorded = true
    }

    /// The line that was recorded last; nil where there was none.
    private func lastLine(in outbox: some AlertOutbox) throws -> [UInt8]? {
        var number = delivery.delivered
        while delivery.lines > 0, number > 0 {
            let first = max(0, number - 500)
            let known = try outbox.waiting(after: first, limit: number - first)
            if let last = known.last(where: { isWanted($0) }) { return line(last, seq: delivery.lines) }
            number = first
        }
        return nil
    }

    private func isWanted(_ alert: AlertRecord) -> Bool {
        (AlertSeverity(rawValue: alert.severity) ?? .critical) >= definition.minimum
    }

    private func line(_ alert: AlertRecord, seq: Int) -> [UInt8] {
        switch definition.format {
        case .json: Array((AlertLine.numbered(alert.json, sequence: seq) + "\n").utf8)
        case .text: Array((ShownText(alert.text).text + "\n").utf8)
        }
    }
}

// MARK: - The file on disk

extension AlertAppender {
    /// Opens the file under the path, anew where it was renamed or removed, and notices what others did to it.
    private mutating func follow() throws {
        var named = stat()
        var opened = stat()
        if descriptor >= 0 {
            let isSame =
                stat(definition.path, &named) == 0 && fstat(descriptor, &opened) == 0
                && opened.st_ino == named.st_ino && opened.st_dev == named.st_dev
            if isSame { return try adopt() }
            close(descriptor)
            descriptor = -1
        }
        let directory = AlertAppender.directory(of: definition.path)
        try? FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
        let isNew = stat(definition.path, &named) != 0
        // Without O_NONBLOCK a pipe that nobody reads would stop the writer for ever.
        descriptor = open(definition.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0o640)
        guard descriptor >= 0 else { throw AlertFileFault(definition.path, cannot: "opened", errno) }
        if isNew { AlertAppender.synchronize(directory: directory) }
        guard fstat(descriptor, &opened) == 0 else { throw AlertFileFault(definition.path, cannot: "looked at", errno) }
        isRegular = opened.st_mode & S_IFMT == S_IFREG
        if !mustSearch { try adopt() }
    }

    /// Lines go on at the end of the opened file, whatever others appended to it or cut off.
    private mutating func adopt() throws {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw AlertFileFault(definition.path, cannot: "looked at", errno) }
        var adopted = delivery
        adopted.device = Int64(status.st_dev)
        adopted.inode = Int64(status.st_ino)
        adopted.offset = isRegular ? Int64(status.st_size) : 0
        if adopted != delivery { isRecorded = false }
        delivery = adopted
    }

    private mutating func append(_ bytes: [UInt8]) throws {
        var bytes = bytes
        if isRegular, delivery.offset > 0, lastByte() != 0x0A { bytes.insert(0x0A, at: 0) }
        var fault: (String, Int32)?
        bytes.withUnsafeBytes { buffer in
            var rest = buffer
            while !rest.isEmpty, fault == nil {
                let count = write(descriptor, rest.baseAddress, rest.count)
                if count >= 0 {
                    rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
                } else if errno != EINTR {
                    fault = ("written", errno)
                }
            }
        }
        if fault == nil, isRegular, fdatasync(descriptor) != 0 { fault = ("flushed to disk", errno) }
        if let (doing, code) = fault {
            // Half a line, or one that may not be on the disk, does not stay: it will be written again as a whole.
            if isRegular { _ = ftruncate(descriptor, off_t(delivery.offset)) }
            throw AlertFileFault(definition.path, cannot: doing, code)
        }
        delivery.offset += Int64(bytes.count)
    }

    private func lastByte() -> UInt8? {
        let reader = open(definition.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard reader >= 0 else { return nil }
        defer { close(reader) }
        var byte: UInt8 = 0
        return pread(reader, &byte, 1, off_t(delivery.offset - 1)) == 1 ? byte : nil
    }

    static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func synchronize(directory: String) {
        let descriptor = open(directory, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}

// MARK: - After a crash

extension AlertAppender {
    /// Finds the waiting alerts that a crash left written but not recorded, cuts off a torn line, and returns what is
    /// still to be written.
    private mutating func recover(
        _ waiting: ArraySlice<AlertRecord>, lastLine: [UInt8]?
    ) -> ArraySlice<AlertRecord> {
        let traces = AlertTraces(of: delivery, others: others, lastLine: lastLine)
        for path in traces.candidates() {
            guard let tail = traces.tail(of: path) else { continue }
            let rest = match(waiting, tail.bytes, in: tail.isOurs ? path : nil)
            // Lines go into one file at a time.
            if rest.count < waiting.count { return rest }
        }
        return waiting
    }

    /// Takes off the alerts whose lines stand in the bytes; a torn line after them is cut off the file at `path`.
    private mutating func match(
        _ waiting: ArraySlice<AlertRecord>, _ tail: Data, in path: String?
    ) -> ArraySlice<AlertRecord> {
        let offset = delivery.offset
        var rest = waiting
        var position = tail.startIndex
        // A line break of somebody's unfinished last line stands before ours.
        if tail.first == 0x0A { position += 1 }
        while let newline = tail[position...].firstIndex(of: 0x0A) {
            let text = Array(tail[position...newline])
            let seq = delivery.lines + 1
            guard let index = rest.firstIndex(where: { isWanted($0) && line($0, seq: seq) == text }) else { break }
            delivery.lines = seq
            delivery.delivered = rest[index].seq
            isRecorded = false
            rest = rest[(index + 1)...]
            position = newline + 1
        }
        let torn = Array(tail[position...])
        let seq = delivery.lines + 1
        if let path, !torn.isEmpty, rest.contains(where: { isWanted($0) && line($0, seq: seq).starts(with: torn) }) {
            // Where even this fails, the torn piece gets a line break and the whole line follows it.
            _ = truncate(path, off_t(offset) + off_t(position - tail.startIndex))
        }
        return rest
    }
}

/// An alert file that cannot be written now; its lines wait in the database.
package struct AlertFileFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// The configured path.
    package var path: String
    /// What went wrong, as a sentence.
    package var description: String

    /// The system refused something with that error number.
    init(_ path: String, cannot doing: String, _ code: Int32) {
        self.init(path, "cannot be \(doing) (\(SystemFault.text(code)))")
    }

    /// Something else went wrong with it.
    init(_ path: String, _ what: String) {
        self.path = path
        description = "the alert file \(path) \(what): its lines wait in the database and are tried again every 5 s"
    }
}

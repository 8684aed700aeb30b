import Foundation
import TestKit

/// What a disk holds after the power went: all that was synced, and of the rest whatever the disk happened to have
/// written, sector by sector, in any order.
struct CutDisk {
    private var durable: [String: [UInt8]] = [:]
    private var pending: [String: [DiskEvent]] = [:]
    private var pendingNames: [DiskEvent] = []
    /// Steps begun and promised by now.
    private(set) var begun = 0
    private(set) var promised = 0
    /// Steps whose readings outlast a kill, and a loss of power.
    private(set) var taken = 0
    private(set) var kept = 0
    /// What stands in memory beside the disk.
    private(set) var memory: [UInt8] = []

    private static let sector = 512

    /// Lets an event happen.
    mutating func take(_ event: DiskEvent) {
        switch event {
        case .create(let name):
            pendingNames.append(event)
            pending[name] = [.truncate(name, size: 0)]
        case .delete: pendingNames.append(event)
        case .write(let name, _, _), .truncate(let name, _): pending[name, default: []].append(event)
        case .sync(let name):
            var bytes = durable[name] ?? []
            for event in pending[name] ?? [] { CutDisk.apply(event, to: &bytes) }
            pending[name] = []
            durable[name] = bytes
        case .syncNames:
            for event in pendingNames {
                if case .delete(let name) = event { (durable[name], pending[name]) = (nil, nil) }
            }
            pendingNames = []
        case .begun(let steps): begun = steps
        case .promised(let steps): promised = steps
        case .taken(let steps): taken = steps
        case .kept(let steps): kept = steps
        case .memory(let bytes): memory = bytes
        }
    }

    /// The files as a process leaves them that is killed now: the kernel has all that it wrote.
    var filesAfterKill: [String: [UInt8]] {
        var files = durable
        for (name, events) in pending {
            var bytes = files[name] ?? []
            for event in events { CutDisk.apply(event, to: &bytes) }
            files[name] = bytes
        }
        for event in pendingNames {
            if case .delete(let name) = event { files[name] = nil }
        }
        return files
    }

    /// The files after a cut now; which unsynced sectors made it is up to the numbers.
    func files(_ random: inout SeededNumbers) -> [String: [UInt8]] {
        let mode = Int.random(in: 0..<4, using: &random)
        var files: [String: [UInt8]] = [:]
        for name in Set(durable.keys).union(pending.keys).sorted() {
            var bytes = durable[name] ?? []
            let events = pending[name] ?? []
            // All, none, any, or those before some moment and a part of the one at that moment.
            let end = mode == 3 ? Int.random(in: 0...events.count, using: &random) : events.count
            for (index, event) in events.enumerated() where mode != 1 && index <= end {
                if mode == 0 || mode == 3 && index < end {
                    CutDisk.apply(event, to: &bytes)
                } else {
                    CutDisk.tear(event, into: &bytes, &random)
                }
            }
            files[name] = bytes
        }
        for event in pendingNames {
            switch event {
            case .create(let name) where mode == 1 || mode > 1 && Bool.random(using: &random): files[name] = nil
            case .delete(let name) where mode == 0 || mode > 1 && Bool.random(using: &random): files[name] = nil
            default: break
            }
        }
        return files
    }

    private static func apply(_ event: DiskEvent, to bytes: inout [UInt8]) {
        switch event {
        case .write(_, let offset, let written): put(written[...], at: offset, into: &bytes)
        case .truncate(_, let size):
            if size < bytes.count { bytes.removeLast(bytes.count - size) }
            if size > bytes.count { bytes += [UInt8](repeating: 0, count: size - bytes.count) }
        default: break
        }
    }

    /// Some sectors of a write, or a truncation or not.
    private static func tear(_ event: DiskEvent, into bytes: inout [UInt8], _ random: inout SeededNumbers) {
        guard case .write(_, let offset, let written) = event else {
            if Bool.random(using: &random) { apply(event, to: &bytes) }
            return
        }
        var start = 0
        while start < written.count {
            let end = min(written.count, start + sector - (offset + start) % sector)
            if Bool.random(using: &random) { put(written[start..<end], at: offset + start, into: &bytes) }
            start = end
        }
    }

    private static func put(_ written: ArraySlice<UInt8>, at offset: Int, into bytes: inout [UInt8]) {
        if bytes.count < offset + written.count {
            bytes += [UInt8](repeating: 0, count: offset + written.count - bytes.count)
        }
        bytes.replaceSubrange(offset..<offset + written.count, with: written)
    }
}

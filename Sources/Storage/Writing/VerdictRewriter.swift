import Conformity
import Metering

/// Goes over an objective's stored verdicts once more, in order, and writes only what changed.
///
/// A stored verdict without a memory of its own leans on the one before it. This keeps every stored memory what it was,
/// whatever is written, left out or removed before it; each verdict is read once, whatever stands behind it.
package struct VerdictRewriter {
    /// A stored verdict, and whether its memory is that of the one before.
    private struct Stored {
        var verdict: JudgedWindow
        var leans: Bool
        var version: Int?
    }

    private let writer: StoreWriter
    private let objective: Int
    private let id: Int64
    /// Read ahead: the stored verdicts after those that have been gone over.
    private var ahead: [Stored] = []
    private var next = 0
    private var isAtEnd = false
    private var readThrough: Window
    /// The memory that holds at the last verdict read, as it was stored; and as it is stored now at the last one gone over.
    private var memoryRead: [UInt8]
    private var memoryNow: [UInt8]?

    /// Begins after a verdict with its memory; nil: at the first.
    package init(_ writer: StoreWriter, objective: Int, after last: JudgedWindow?) throws {
        self.writer = writer
        self.objective = objective
        id = try writer.identities.objective(objective)
        readThrough = last?.window ?? Window(start: .distantPast, end: .distantPast)
        memoryRead = last?.memory ?? []
        memoryNow = last?.memory
        writer.state.verdicts[id] = nil
    }

    /// The stored verdict of a window; nil where there is none. Windows are asked for in order of end and start.
    package mutating func stored(_ window: Window) throws -> JudgedWindow? {
        while let found = try peek() {
            if found.verdict.window == window { return found.verdict }
            guard found.verdict.window.isBefore(window) else { return nil }
            try leave(found)
        }
        return nil
    }

    /// Leaves the verdict of that window, asked for last, as it is stored; of an earlier version than the value that it judged
    /// it becomes the writer's.
    package mutating func keep(notBefore version: Int?) throws {
        guard let found = try peek() else { return }
        if let version, let made = found.version, let now = writer.version, made < min(version, now) {
            try put(found.verdict)
        } else {
            try leave(found)
        }
    }

    /// Stores a verdict in place of the one of its window that was asked for last.
    package mutating func put(_ verdict: JudgedWindow) throws {
        if let found = try peek(), found.verdict.window == verdict.window { next += 1 }
        let leans = memoryNow == verdict.memory
        try writer.write(verdict, id, memory: leans ? nil : verdict.memory)
        memoryNow = verdict.memory
    }

    /// Removes the verdict of that window, asked for last: it is not judged at all.
    package mutating func remove(_ window: Window) throws {
        guard let found = try peek(), found.verdict.window == window else { return }
        next += 1
        try writer.delete(id, window)
    }

    /// Ends it: what comes after keeps the memory that it leans on.
    package mutating func end() throws {
        if let found = try peek(), found.leans, memoryNow != found.verdict.memory { try leave(found) }
    }

    private mutating func leave(_ found: Stored) throws {
        if found.leans, memoryNow != found.verdict.memory {
            try writer.setMemory(id, found.verdict.window, found.verdict.memory)
        }
        memoryNow = found.verdict.memory
        next += 1
    }

    private mutating func peek() throws -> Stored? {
        if next < ahead.count { return ahead[next] }
        guard !isAtEnd else { return nil }
        // A revision mostly ends soon; one that does not goes on in larger steps.
        let wanted = min(1000, max(8, ahead.count * 4))
        let found = try writer.verdicts(objective, after: readThrough, atMost: wanted)
        isAtEnd = found.count < wanted
        next = 0
        ahead = found.map { verdict, memory, version in
            var verdict = verdict
            if let memory { memoryRead = memory }
            verdict.memory = memoryRead
            return Stored(verdict: verdict, leans: memory == nil, version: version)
        }
        if let last = ahead.last { readThrough = last.verdict.window }
        return ahead.first
    }
}

extension Window {
    /// Whether it comes before another in the order in which windows close.
    fileprivate func isBefore(_ other: Window) -> Bool { (end, start) < (other.end, other.start) }
}

import DatabaseFile
import Foundation
import Metering
import Platform
import ReadingCodec
import Storage
import Synchronization
import Tail

/// Readings that are not in the database yet, safe against a kill and, once a second, against a loss of power.
///
/// Committing every second to the database would write whole pages of it for some hundred readings; here they take two
/// bytes each. A commit says which block of the tail it has come to (``StoreWriter/noteTail(_:)``), so that after a
/// crash exactly the later ones are taken from here, and a tail that is lost, old or another database's harms nothing.
/// It stands in `emsd.tail` beside the database; blocks
/// that are not on the disk yet are mirrored in memory each time (``TailMirror``). Files that cannot be written are said
/// by ``fault``, and tried again
/// every minute.
package final class ReadingTail: Sendable {
    private struct State {
        var forecast = TailForecast()
        var bits = BitWriter()
        /// Readings in the block at hand.
        var count = 0
        /// The number of the block at hand.
        var sequence: Int64
        /// The number of the block before it; nil where nothing is expected.
        var previous: Int64?
        /// Blocks since the last that expected nothing.
        var row: Int64 = 0
        /// Full blocks that are not on the disk yet.
        var waiting: [[UInt8]] = []
        var committed: Int64
        var ring: TailRing?
        var mirror: TailMirror?
        var fault: StoreFault?
        var nextTry: Int64 = 0
    }

    /// Blocks on their way to the disk.
    private struct Batch: Sendable {
        var images: [[UInt8]]
        var first: Int64
        var ring: TailRing?
    }

    /// Bytes of the ring: an hour of two thousand points in ten seconds, of which a quarter may wait for a commit.
    package static let usualLength = 1 << 21

    private let store: PlantStore
    private let identity: Int64
    private let path: String
    private let mirrorPaths: [String]
    private let length: Int
    private let smallestUnit: Int
    private let found: [TailReading]
    private let state: Mutex<State>
    private let writing = Mutex(())
    private let writer = DispatchQueue(label: "emsd.tail")

    /// The number of the last block that there was at the start; what it and those before it hold is
    /// ``recovered(keeping:)``.
    package let foundLast: Int64

    /// Opens the tail of a store that is open to write, before it adopts a plan.
    ///
    /// `memory` is a directory whose files outlive a process.
    package convenience init(of store: PlantStore, memory: String = TailFiles.memory, length: Int = usualLength) throws
    {
        try self.init(of: store, memory: memory, length: length, smallestUnit: TailRing.smallestUnit)
    }

    /// The same on a disk whose blocks have at least so many bytes.
    init(of store: PlantStore, memory: String, length: Int, smallestUnit: Int) throws {
        self.store = store
        self.length = length
        self.smallestUnit = smallestUnit
        let mark = try store.tailMark(orMake: true)
        identity = mark.identity
        path = TailFiles.path(in: store.directory)
        mirrorPaths = TailFiles.mirrorPaths(identity: identity, directory: store.directory, memory: memory)
        let contents = TailContents(
            identity: identity,
            files: TailFiles.files(identity: identity, directory: store.directory, memory: memory),
            directory: store.directory)
        found = contents.readings(after: mark.committed)
        foundLast = max(contents.last, mark.committed)
        state = Mutex(State(sequence: foundLast + 1, committed: foundLast))
        state.withLock { open(&$0) }
    }

    // MARK: At the start

    /// The readings that no commit before the start has come to, in order of arrival, by a plan's indices.
    ///
    /// To be called before the store adopts the plan: readings of points that it no longer has are stored right here.
    package func recovered(keeping plan: StoreNames) throws -> [Reading] {
        guard !found.isEmpty else { return [] }
        let names = store.names
        let indices = Dictionary(
            plan.points.enumerated().filter { !$0.element.isDerived }.map { ($0.element.name, PointIndex($0.offset)) },
            uniquingKeysWith: { first, _ in first })
        let known = store.currentIdentities
        var kept: [Reading] = []
        var gone: [Reading] = []
        for reading in found {
            let old = known.index(ofPoint: reading.number)
            guard old >= 0 else { continue }
            if let index = indices[names.points[Int(old)].name] {
                kept.append(Reading(index, reading.time, reading.value, reading.code))
            } else if !names.points[Int(old)].isDerived {
                gone.append(Reading(old, reading.time, reading.value, reading.code))
            }
        }
        if !gone.isEmpty { try store.write { try $0.append(gone) } }
        return kept
    }

    // MARK: Live

    /// Takes readings: a kill does not lose them any more.
    package func take(_ readings: [Reading]) {
        for start in stride(from: 0, to: readings.count, by: 1000) {
            let isMuch = state.withLock { state in
                guard state.ring != nil else { return false }
                let identities = store.currentIdentities
                for reading in readings[start..<min(start + 1000, readings.count)] {
                    guard let number = try? identities.point(reading.point), number > 0 else { continue }
                    put(TailReading(reading, number: number), &state)
                }
                if state.count > 0 { reflect(image(of: state, isOpen: true), state.sequence, &state) }
                return state.waiting.count >= TailMirror.slots / 2
            }
            // The mirror has room for so many.
            if isMuch { write() }
        }
    }

    /// Brings what was taken to the disk: when it returns, a loss of power does not lose it any more.
    package func flush() {
        state.withLock { state in
            if state.ring == nil { open(&state) }
            if state.mirror?.isGone == true { state.mirror = TailMirror(paths: mirrorPaths) }
            closeBlock(&state)
        }
        write()
    }

    /// The same without waiting for the disk, which on a memory card may take seconds.
    package func flushSoon() { writer.async { self.flush() } }

    /// The number of the last block that is complete: a commit of everything taken so far has come to it.
    package var last: Int64 { state.withLock { $0.sequence - 1 } }

    /// Says that a commit has come to that block.
    package func committed(_ last: Int64) { state.withLock { $0.committed = max($0.committed, last) } }

    /// Whether readings are safe here; otherwise only commits are.
    package var isAtWork: Bool { state.withLock { $0.ring != nil } }

    /// Whether so many blocks wait for a commit that it is time for one.
    package var isFilling: Bool {
        state.withLock { state in state.sequence - state.committed > (state.ring?.slots ?? 0) / 4 }
    }

    /// Why the tail cannot be written, as a sentence; nil while it can.
    package var fault: StoreFault? { state.withLock { $0.fault } }

    /// Ends the work; what is not committed is brought to the disk, or stays where a kill would leave it.
    package func close() {
        writer.sync {}
        flush()
        state.withLock { state in
            if state.ring != nil || state.sequence - 1 <= state.committed { state.mirror?.remove() }
            state.mirror = nil
            state.ring = nil
        }
    }

    // MARK: Blocks

    private func open(_ state: inout State) {
        let now = WallClock.steadyMilliseconds()
        guard now >= state.nextTry else { return }
        do {
            state.ring = try TailRing(path: path, length: length, smallest: smallestUnit)
            state.fault = nil
        } catch let fault {
            state.fault = fault
            state.nextTry = now + 60_000
        }
        if state.mirror == nil { state.mirror = TailMirror(paths: mirrorPaths) }
        startAnew(&state)
    }

    /// Expects nothing: what comes can be read without what was before.
    private func startAnew(_ state: inout State) {
        state.forecast = TailForecast()
        state.previous = nil
        state.row = 0
        state.bits.removeAll()
        state.count = 0
        state.waiting = []
    }

    private func put(_ reading: TailReading, _ state: inout State) {
        guard let unit = state.ring?.unit else { return }
        let room = (unit - TailBlock.headerLength) * 8
        let before = state.forecast.mark(before: reading.number)
        let length = state.bits.count
        state.forecast.encode(reading, into: &state.bits)
        if state.bits.count > room {
            state.forecast.goBack(to: before)
            state.bits.truncate(length)
            closeBlock(&state)
            state.forecast.encode(reading, into: &state.bits)
        }
        state.count += 1
    }

    private func image(of state: State, isOpen: Bool) -> [UInt8] {
        let back = state.previous.map { Int(state.sequence - $0) } ?? 0
        let block = TailBlock(
            sequence: state.sequence, back: back, count: state.count, isOpen: isOpen, payload: state.bits.bytes)
        return block.image(identity: identity, length: state.ring?.unit ?? TailRing.smallestUnit)
    }

    private func reflect(_ image: [UInt8], _ sequence: Int64, _ state: inout State) {
        if state.mirror?.put(image, sequence) == false {
            // Full: what was in it is on the disk within a second, and what comes goes beside the tail.
            state.mirror = TailMirror(paths: Array(mirrorPaths.dropFirst()))
            _ = state.mirror?.put(image, sequence)
        }
    }

    private func closeBlock(_ state: inout State) {
        guard state.count > 0, let slots = state.ring?.slots else { return }
        let image = image(of: state, isOpen: false)
        reflect(image, state.sequence, &state)
        state.waiting.append(image)
        state.previous = state.sequence
        state.sequence += 1
        state.row += 1
        state.bits.removeAll()
        state.count = 0
        // A ring must hold all that goes on with one forecast.
        if state.row >= slots / 4 {
            state.forecast = TailForecast()
            state.previous = nil
            state.row = 0
        }
    }

    /// Writes the full blocks, one caller at a time; others go on taking readings.
    private func write() {
        writing.withLock { _ in
            let batch = state.withLock { state -> Batch in
                let first = state.sequence - Int64(state.waiting.count)
                let batch = Batch(images: state.waiting, first: first, ring: state.ring)
                state.waiting = []
                return batch
            }
            guard !batch.images.isEmpty, let ring = batch.ring else { return }
            do throws(StoreFault) {
                try ring.write(batch.images, from: batch.first, path: path)
            } catch {
                state.withLock { state in
                    state.fault = error
                    state.ring = nil
                    state.nextTry = WallClock.steadyMilliseconds() + 60_000
                    // Numbers of blocks that may stand there half are not used again.
                    startAnew(&state)
                }
            }
        }
    }
}

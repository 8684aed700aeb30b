import DatabaseFile
import Metering
import ReadingCodec

extension StoreWriter {
    /// Stores readings in any order and returns those that changed what is stored.
    ///
    /// The later arrival of one point and time wins, also within `readings`. A reading that says the same as the one
    /// that is stored for its point and time changes nothing. Big batches go into chunks at once, unless they are some
    /// readings of very many points and `stayHot`; the small ones of one transaction make one hot row.
    @discardableResult
    package func append(_ readings: [Reading], stayHot: Bool = false) throws -> [Reading] {
        guard !readings.isEmpty else { return [] }
        let fresh = try dropKnown(readings)
        guard !fresh.isEmpty else { return [] }
        try noteRecordStart(fresh)
        try unseal(fresh.lazy.map(\.time))
        if fresh.count >= rule.batch, !stayHot {
            try settle()
            try seal()
            try packBatch(fresh)
        } else {
            try noteNewest(fresh)
            pending.append(contentsOf: fresh)
        }
        return fresh
    }

    /// Leaves out what is stored already; live readings are newer than everything stored and cost nothing here.
    private func dropKnown(_ readings: [Reading]) throws -> [Reading] {
        var newest = try readingsState().newest
        var old: [Int] = []
        for (index, reading) in readings.enumerated() {
            let id = try identities.point(reading.point)
            guard id > 0, !names.points[Int(reading.point)].isDerived else {
                throw StoreFault(
                    .refused, "readings of derived point \(names.points[Int(reading.point)].name) are not stored")
            }
            let time = reading.time.milliseconds
            if time > newest[id] ?? .min { newest[id] = time } else { old.append(index) }
        }
        if old.isEmpty { return readings }
        let isOld = Set(old)
        // Of two in this batch the later one says what holds, where the earlier one stands: nobody has seen that one.
        var places: [ReadingKey: Int] = [:]
        let keys = Set(old.map { ReadingKey(readings[$0]) })
        for index in readings.indices where !isOld.contains(index) {
            let key = ReadingKey(readings[index])
            if keys.contains(key) { places[key] = index }
        }
        var settled = readings
        for index in old {
            if let place = places[ReadingKey(readings[index])] { settled[place] = readings[index] }
        }
        // What is stored already, or out of order, follows those in order: only at the same point and time does the
        // order matter to the store.
        let late = old.filter { places[ReadingKey(readings[$0])] == nil }.map { readings[$0] }
        let inOrder = readings.indices.filter { !isOld.contains($0) }.map { settled[$0] }
        return inOrder + (late.isEmpty ? [] : try novel(late))
    }

    private func noteRecordStart(_ readings: [Reading]) throws {
        var start = readings[0].time
        for reading in readings where reading.time < start { start = reading.time }
        let known: Int64?
        if let noted = state.recordStart {
            known = noted
        } else {
            known = try integer("SELECT value FROM meta WHERE key = 'record_start'")
        }
        if let known, known <= start.milliseconds {
            state.recordStart = known
        } else {
            try setMeta("record_start", start.milliseconds)
            state.recordStart = start.milliseconds
        }
    }

    private func noteNewest(_ readings: [Reading]) throws {
        var state = try readingsState()
        self.state.readings = nil
        for reading in readings {
            let id = try identities.point(reading.point)
            let time = reading.time.milliseconds
            if time > state.newest[id] ?? .min { state.newest[id] = time }
            state.countHot(id, time)
        }
        self.state.readings = state
    }

    /// What is known of the stored readings, asked once after each start or failure.
    private func readingsState() throws -> WriterState.ReadingsState {
        if let known = state.readings { return known }
        var asked = WriterState.ReadingsState()
        try with("SELECT point.id, (SELECT max(last) FROM chunk WHERE chunk.point = point.id) FROM point") {
            statement in
            while try statement.step() {
                if let newest = statement.int64OrNil(1) { asked.newest[statement.int64(0)] = newest }
            }
        }
        asked.sealing = try storedSealing()
        try with("SELECT first, data, seq FROM hot ORDER BY seq") { statement in
            while try statement.step() {
                let isBeingSealed = asked.sealing.map { statement.int64(2) <= $0.last } ?? false
                try decodeHot(statement.bytes(1), statement.int64(0)) { point, time, _, _ in
                    if time > asked.newest[point] ?? .min { asked.newest[point] = time }
                    if isBeingSealed {
                        asked.sealing?.counts[point, default: 0] += 1
                    } else {
                        asked.countHot(point, time)
                    }
                }
            }
        }
        state.readings = asked
        return asked
    }

    func writeHotRow(_ readings: [Reading], clock: Instant?) throws {
        var first = Int64.max
        var last = Int64.min
        for reading in readings {
            first = min(first, reading.time.milliseconds)
            last = max(last, reading.time.milliseconds)
        }
        hotGroup = nil
        let data = try HotRowCodec.encode(readings, first: first) { try identities.point($0) }
        let row = try nextHotRow()
        try with("INSERT INTO hot (first, last, count, clock, data, seq) VALUES (?, ?, ?, ?, ?, ?)") { statement in
            statement.bind(6, row)
            statement.bind(1, first)
            statement.bind(2, last)
            statement.bind(3, readings.count)
            statement.bind(4, clock?.milliseconds)
            statement.bind(5, data)
            try statement.run()
        }
    }

    /// The number of the next hot row: larger than all before it, also those that are in chunks by now, for it is the order
    /// in which readings were recorded.
    private func nextHotRow() throws -> Int64 {
        let next: Int64
        if let known = state.nextHotRow {
            next = known
        } else {
            let sealed = try integer("SELECT value FROM meta WHERE key = 'hot_last'") ?? 0
            next = max(sealed, try integer("SELECT max(seq) FROM hot") ?? 0) + 1
        }
        state.nextHotRow = next + 1
        return next
    }
}

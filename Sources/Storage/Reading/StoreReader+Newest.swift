import Metering

extension StoreReader {
    /// The time of the newest stored reading of each point in plan order, good or bad; nil where there is none.
    package final func newestTimes() throws -> [Instant?] {
        let hot = try newestHot()
        return try newestInChunks().enumerated().map { index, time in
            [time, hot[index]?.time].compactMap { $0 }.max()
        }
    }

    /// The newest stored reading of each point in plan order, good or bad; nil where there is none.
    package final func newestReadings() throws -> [Reading?] {
        let hot = try newestHot()
        return try newestInChunks().enumerated().map { index, time in
            if let reading = hot[index], time == nil || reading.time >= time! { return reading }
            guard let time else { return nil }
            return try lastReading(PointIndex(index), before: time + 1, usable: false)
        }
    }

    private func newestInChunks() throws -> [Instant?] {
        try identities.points.map { id in
            guard id > 0 else { return nil }
            return try integer("SELECT max(last) FROM chunk WHERE point = ?", id).map(Instant.init(milliseconds:))
        }
    }

    /// Per point in plan order the newest reading that is not in a chunk yet.
    private func newestHot() throws -> [Reading?] {
        try settle()
        var newest = [Reading?](repeating: nil, count: identities.points.count)
        try with("SELECT first, data FROM hot ORDER BY seq") { statement in
            while try statement.step() {
                try decodeHot(statement.bytes(1), statement.int64(0)) { owner, time, value, code in
                    let index = Int(identities.index(ofPoint: owner))
                    guard index >= 0 else { return }
                    if let known = newest[index], known.time.milliseconds > time { return }
                    newest[index] = Reading(PointIndex(index), time, value, code)
                }
            }
        }
        return newest
    }
}

extension Reading {
    /// The reading with a stored time, value and code.
    @inline(__always)
    init(_ point: PointIndex, _ time: Int64, _ value: Double, _ code: UInt16) {
        self.init(
            point, Instant(milliseconds: time), value, Quality(rawValue: UInt8(truncatingIfNeeded: code)) ?? .bad,
            Reason(rawValue: UInt8(truncatingIfNeeded: code >> 8)))
    }
}

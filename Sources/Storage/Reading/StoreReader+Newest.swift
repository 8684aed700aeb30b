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
        // From the newest row back; nearly all points are found in the first ones, and the rest is only looked through
        // for those that are not.
        try with("SELECT first, last, data FROM hot ORDER BY seq DESC") { statement in
            while try statement.step() {
                let last = statement.int64(1)
                var ofRow: [Int: Reading] = [:]
                try decodeHot(statement.bytes(2), statement.int64(0)) { number in
                    let index = Int(identities.index(ofPoint: number))
                    return index >= 0 && newest[index]?.time.milliseconds ?? .min < last
                } _: { number, time, value, code in
                    let index = Int(identities.index(ofPoint: number))
                    if let known = ofRow[index], known.time.milliseconds > time { return }
                    ofRow[index] = Reading(PointIndex(index), time, value, code)
                }
                for (index, reading) in ofRow {
                    if let known = newest[index], known.time >= reading.time { continue }
                    newest[index] = reading
                }
            }
        }
        for (number, columns) in inTail {
            let index = Int(identities.index(ofPoint: number))
            guard index >= 0, let time = columns.times.last else { continue }
            if let known = newest[index], known.time.milliseconds > time { continue }
            newest[index] = columns.reading(columns.count - 1, of: PointIndex(index))
        }
        return newest
    }
}

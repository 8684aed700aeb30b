import Conformity
import Metering
import Storage

/// What seals a stretch of the record, mostly a local day, in one line of the journal: for each point the digest of its
/// readings, one digest of the counter rules' decisions, and the configuration in force.
///
/// With the line under a signed head, one proof covers each reading of that day; values and verdicts follow from them by the
/// configuration (Rules 13).
package struct DaySeal: Sendable {
    /// The seal of a point's readings.
    package struct Point: Hashable, Sendable {
        package let name: String
        /// The times of the first and the last reading.
        package let first: Instant
        package let last: Instant
        package let count: Int
        /// Over the ``CanonicalReadings``, in hex.
        package let digest: String
    }

    /// The stretch: readings from its start on, before its end.
    package let stretch: Window
    /// Points without a reading are left out.
    package let points: [Point]
    /// The points it was made of; nil: of all.
    package let chosen: Set<String>?
    /// How many decisions of the counter rules there are, and their digest: CSV `point,time,entry,advance`.
    package let decisions: (count: Int, digest: String)
    /// The digest of the configuration in force when it was made; nil: not known.
    package let configuration: String?

    /// The seal of a stretch of the record as it is stored now; of all measured points, or of some. `former` are, by the
    /// present ones, the names that points had when it was sealed, where they had others.
    package init(
        of stretch: Window, points chosen: Set<String>? = nil, former: [String: String] = [:], in reader: StoreReader
    ) throws {
        self.stretch = stretch
        self.chosen = chosen
        configuration = try reader.configurationInForce()?.digest
        var points: [Point] = []
        var decisions = SealDigest(header: "point,time,entry,advance\n")
        // By name, so that it does not matter in which order a configuration has them.
        let named = reader.names.points.enumerated().map { (index: $0, name: former[$1.name] ?? $1.name, point: $1) }
        for (index, name, point) in named.sorted(by: { $0.name < $1.name }) {
            guard !point.isDerived, chosen?.contains(name) ?? true else { continue }
            if let seal = try Self.seal(of: PointIndex(index), name, in: stretch, reader) { points.append(seal) }
            for entry in try reader.ledger(PointIndex(index), in: stretch) {
                let advance = entry.advance.map { CanonicalJSON.text(of: $0) } ?? ""
                decisions.add(entry.time) {
                    $0 += "\(name),\(entry.time.text),\(entry.verdict.text),\(advance)\n".utf8
                }
            }
        }
        self.points = points
        self.decisions = (decisions.count, decisions.finish())
    }

    private static func seal(
        of point: PointIndex, _ name: String, in stretch: Window, _ reader: StoreReader
    ) throws -> Point? {
        var text = CanonicalReadings(of: name)
        var digest = SealDigest(header: CanonicalReadings.header)
        try reader.readings(point, in: stretch) { reading in
            digest.add(reading.time) { text.write(reading, into: &$0) }
        }
        guard let span = digest.span else { return nil }
        return Point(name: name, first: span.first, last: span.last, count: digest.count, digest: digest.finish())
    }

    /// The journal's line `record.sealed`.
    package func entry(at time: Instant) -> JournalEntry {
        let points = points.map { point in
            CanonicalJSON.object([
                .init("point", .text(point.name)), .init("from", .text(point.first.text)),
                .init("until", .text(point.last.text)), .init("count", .integer(point.count)),
                .init("sha256", .text(point.digest)),
            ])
        }
        return JournalEntry(
            "record.sealed", at: time,
            [
                .init("start", .text(stretch.start.text)), .init("end", .text(stretch.end.text)),
                .init("of", chosen.map { .list($0.sorted().map { .text($0) }) } ?? .null),
                .init("configuration", .text(configuration)), .init("readings", .list(points)),
                .init(
                    "ledger",
                    .object([
                        .init("count", .integer(decisions.count)), .init("sha256", .text(decisions.digest)),
                    ])),
            ])
    }
}

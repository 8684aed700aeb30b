import Foundation
import Indicators
import Metering
import Storage

/// The exchange of a meter as an operator declared it; the database keeps it, so that it holds after a restart and in a replay.
package struct DeclaredExchange: Codable, Hashable, Sendable {
    /// The counter.
    package var point: String
    /// From when the new meter counts, in milliseconds since 1970.
    package var time: Int64
    /// The old meter's last index, in the point's unit.
    package var closing: Double
    /// The new meter's first index.
    package var opening: Double
    /// Who declared it.
    package var by: String
    /// When, in milliseconds since 1970.
    package var at: Int64
    /// What was said with it.
    package var reason: String?

    /// An exchange as declared.
    package init(
        point: String, time: Instant, closing: Double, opening: Double, by: String, at: Instant, reason: String? = nil
    ) {
        self.point = point
        self.time = time.milliseconds
        self.closing = closing
        self.opening = opening
        self.by = by
        self.at = at.milliseconds
        self.reason = reason
    }

    private static let key = "exchanges"

    /// What is stored of exchanges and cannot be read: it stays as it is, and nothing is written over it.
    package struct Unreadable: Error, Sendable, CustomStringConvertible {
        package var description: String {
            "the exchanges of meters that were declared cannot be read in the database; they are kept, and none can be "
                + "declared until it is put right: restore the database from a backup"
        }
    }

    /// All that a store knows, in order of point and time; throws ``Unreadable``.
    package static func all(in reader: StoreReader) throws -> [DeclaredExchange] {
        guard let text = try reader.note(key) else { return [] }
        do {
            return try JSONDecoder().decode([DeclaredExchange].self, from: Data(text.utf8))
        } catch {
            throw Unreadable()
        }
    }

    /// Lets exchanges of points follow their points to new names.
    package static func rename(_ points: [String: String], in writer: StoreWriter) throws {
        let known = try all(in: writer)
        guard known.contains(where: { points[$0.point] != nil }) else { return }
        try keep(
            known.map { exchange in
                var exchange = exchange
                exchange.point = points[exchange.point] ?? exchange.point
                return exchange
            }, in: writer)
    }

    /// Writes what a record knows into the store in which it is made once more, under the names that the points have there.
    package static func carry(from record: StoreReader, into writer: StoreWriter) throws {
        let known = try all(in: record)
        guard !known.isEmpty else { return }
        let (present, then) = (try record.includingRemoved(), try writer.includingRemoved())
        let numbers = Dictionary(
            present.names.points.enumerated().map { ($1.name, present.number(ofPoint: PointIndex($0))) },
            uniquingKeysWith: { first, _ in first })
        let names = Dictionary(
            then.names.points.enumerated().map { (then.number(ofPoint: PointIndex($0)), $1.name) },
            uniquingKeysWith: { first, _ in first })
        try keep(
            known.map { exchange in
                var exchange = exchange
                exchange.point = numbers[exchange.point].flatMap { names[$0] } ?? exchange.point
                return exchange
            }, in: writer)
    }

    /// Makes these all that a store knows.
    package static func keep(_ exchanges: [DeclaredExchange], in writer: StoreWriter) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let sorted = exchanges.sorted { ($0.point, $0.time) < ($1.point, $1.time) }
        try writer.setNote(key, String(decoding: encoder.encode(sorted), as: UTF8.self))
    }
}

extension IndicatorPlan {
    /// The plan with exchanges that operators declared; where the configuration has one at the same time, that counts.
    package func with(_ declared: [DeclaredExchange]) -> IndicatorPlan {
        var plan = self
        for exchange in declared {
            let time = Instant(milliseconds: exchange.time)
            guard let index = plan.points.firstIndex(where: { $0.name == exchange.point }),
                plan.points[index].hasIndex, !plan.points[index].exchanges.contains(where: { $0.time == time })
            else { continue }
            plan.points[index].exchanges.append(
                MeterExchange(time: time, closing: exchange.closing, opening: exchange.opening))
            plan.points[index].exchanges.sort { $0.time < $1.time }
        }
        return plan
    }
}

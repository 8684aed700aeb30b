import Foundation
import Indicators
import Metering
import PlantConfiguration
import Storage

/// Closed windows that are still to be computed again: kept in the database, taken up by the recorder between its rounds,
/// and gone on with after a kill.
///
/// Whoever finds that a long stretch has to be computed again (a dated definition, an advance over years) adds it with
/// ``Recorder/computeAgain(_:over:reason:_:)`` in the transaction in which it became true, and is done;
/// ``Recorder/workOff(for:now:)`` does the work, a portion at a time. An indicator whose windows are still missing (a new
/// one) is filled in the same way, provided that its ``Recorder/closedEnds`` say up to where. Items are by name, so that
/// they outlast a reload; those of indicators that are gone are dropped.
package struct RecomputationQueue: Codable, Hashable, Sendable {
    /// Windows of one indicator.
    package struct Item: Codable, Hashable, Sendable {
        /// The indicator's name.
        package var indicator: String
        /// Those that end after this instant, in milliseconds since 1970; it moves on as the work does.
        package var after: Int64
        /// Those that start before this one.
        package var before: Int64
        /// What stands in the journal beside each revision.
        package var reason: String

        /// Windows that end after one instant and start before another.
        package init(indicator: String, after: Int64, before: Int64, reason: String) {
            self.indicator = indicator
            self.after = after
            self.before = before
            self.reason = reason
        }
    }

    /// Windows of one objective that are to be judged again, because values of that kind were computed again.
    package struct Judging: Codable, Hashable, Sendable {
        /// The objective's name.
        package var objective: String
        /// The end of the first of them, in milliseconds since 1970; it moves on as the work does.
        package var from: Int64
        /// Judging goes on at least beyond the windows that end here …
        package var through: Int64
        /// … and to one that starts here or later.
        package var start: Int64

        /// Windows from one that ends at an instant on.
        package init(objective: String, from: Int64, through: Int64, start: Int64) {
            self.objective = objective
            self.from = from
            self.through = through
            self.start = start
        }
    }

    /// In the order in which they are worked off.
    package private(set) var items: [Item] = []
    /// What is judged again once all values are computed: a sum over a year is gone over once, and not with each piece.
    package private(set) var judgings: [Judging] = []

    private static let key = "recomputation"

    /// Nothing to do.
    package init() {}

    /// What was kept; by a version that judged at once, without anything to judge.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        items = try container.decode([Item].self, forKey: .items)
        judgings = try container.decodeIfPresent([Judging].self, forKey: .judgings) ?? []
    }

    /// Whether nothing is left to do.
    package var isEmpty: Bool { items.isEmpty && judgings.isEmpty }

    /// Adds windows that are to be judged again; those of one objective are gone over together.
    package mutating func add(_ judging: Judging) {
        guard let index = judgings.firstIndex(where: { $0.objective == judging.objective }) else {
            return judgings.append(judging)
        }
        judgings[index].from = min(judgings[index].from, judging.from)
        judgings[index].through = max(judgings[index].through, judging.through)
        judgings[index].start = max(judgings[index].start, judging.start)
    }

    /// The first objective has been judged again up to an instant; nil: altogether.
    ///
    /// What is judged goes on to the next window at least, also where it is already beyond what was in doubt.
    package mutating func judgedFirst(through instant: Instant?) {
        guard let instant else { return judgings.removeFirst(1) }
        judgings[0].from = instant.milliseconds + 1
        judgings[0].through = max(judgings[0].through, instant.milliseconds + 1)
    }

    /// The first objective's judging has come to an instant that it has to begin again before, if it is cut off.
    package mutating func judgingFirst(through instant: Instant) {
        judgings[0].through = max(judgings[0].through, instant.milliseconds + 1)
    }

    /// Adds windows; those that overlap what waits for the same reason are done together with it.
    package mutating func add(_ item: Item) {
        for index in items.indices
        where items[index].indicator == item.indicator && items[index].reason == item.reason
            && items[index].after <= item.before && item.after <= items[index].before
        {
            items[index].after = min(items[index].after, item.after)
            items[index].before = max(items[index].before, item.before)
            return
        }
        items.append(item)
    }

    /// The first item is done up to an instant; nil: altogether.
    package mutating func advanceFirst(to instant: Instant?) {
        guard let instant else { return items.removeFirst(1) }
        items[0].after = instant.milliseconds
    }

    /// What a store has kept.
    ///
    /// A text that cannot be read is set aside under another key and said by `unreadable`: it is never overwritten.
    package init(from writer: StoreWriter, unreadable: (String) -> Void) throws {
        guard let text = try writer.note(RecomputationQueue.key) else { return }
        do {
            self = try JSONDecoder().decode(RecomputationQueue.self, from: Data(text.utf8))
        } catch {
            try writer.setNote(RecomputationQueue.key + ".unreadable", text)
            try writer.setNote(RecomputationQueue.key, nil)
            unreadable("what was to be computed again cannot be read, and is kept aside in the database")
        }
    }

    /// Lets what a store has kept follow its indicators and objectives to new names.
    package static func rename(_ names: NewNames, in writer: StoreWriter) throws {
        guard !(names.indicators.isEmpty && names.objectives.isEmpty), try writer.note(key) != nil else { return }
        var queue = try RecomputationQueue(from: writer) { _ in }
        for index in queue.items.indices {
            let name = queue.items[index].indicator
            queue.items[index].indicator = names.indicators[name] ?? name
        }
        for index in queue.judgings.indices {
            let name = queue.judgings[index].objective
            queue.judgings[index].objective = names.objectives[name] ?? name
        }
        try queue.keep(in: writer)
    }

    /// Writes it into a store.
    package func keep(in writer: StoreWriter) throws {
        guard !isEmpty else { return try writer.setNote(RecomputationQueue.key, nil) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try writer.setNote(RecomputationQueue.key, String(decoding: encoder.encode(self), as: UTF8.self))
    }
}

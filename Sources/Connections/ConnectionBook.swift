import Foundation
import Logging
import Modbus
import NIOCore
import Platform
import Synchronization

/// The open connections of the daemon's servers: no more than the descriptors allow, and none that outlasts the daemon.
///
/// Where all places are taken, a connection that waits for nothing but its client makes room for the next one.
package final class ConnectionBook: Sendable {
    /// Why a connection was ended by the daemon.
    package enum Ending: String, Sendable, Hashable, CaseIterable {
        /// Its client asked nothing for a while.
        case idle
        /// Its client did not come to the end of a request.
        case slowRequest = "slow_request"
        /// Its client did not take what it had asked for.
        case slowReader = "slow_reader"
        /// It made room for another one.
        case displaced
        /// There was no place, and none could be made.
        case refused
        /// The daemon stops.
        case stopping
    }

    private struct Entry {
        var channel: any Channel
        /// Whether the daemon owes it an answer.
        var isOwed = false
        /// Counts up with each change of the above.
        var order: Int
    }

    private struct State {
        var entries: [ObjectIdentifier: Entry] = [:]
        var order = 0
        var isClosing = false
        var endings: [Ending: Int] = [:]
        /// What has been said of endings, and when.
        var said: [Ending: (time: MonotonicMoment, count: Int)] = [:]
    }

    /// How many connections may be open.
    package let places: Int
    private let logger: Logger
    private let state = Mutex(State())

    /// A book with room for so many connections, or for what the system's limit leaves beside so many descriptors of the
    /// links.
    package init(links: Int, most: Int = 128, logger: Logger) {
        // The database, its log and its readers, the alert files, and three for each link, which come first.
        let spare = DescriptorLimit.raise() - 96 - 4 * links
        places = max(16, min(most, spare / 2))
        self.logger = logger
    }

    /// How many connections are open.
    package var count: Int { state.withLock { $0.entries.count } }

    /// How many connections were ended, by cause.
    package var endings: [Ending: Int] { state.withLock { $0.endings } }

    /// Takes a new connection in; false: there is no place for it.
    package func admit(_ channel: any Channel) -> Bool {
        let (isIn, displaced) = state.withLock { state -> (Bool, Entry?) in
            if state.isClosing { return (false, nil) }
            var displaced: Entry?
            if state.entries.count >= places {
                let candidate = state.entries.filter { !$0.value.isOwed }.min { $0.value.order < $1.value.order }
                guard let candidate else { return (false, nil) }
                displaced = state.entries.removeValue(forKey: candidate.key)
            }
            state.order += 1
            state.entries[ObjectIdentifier(channel)] = Entry(channel: channel, order: state.order)
            return (true, displaced)
        }
        if let displaced {
            note(.displaced)
            displaced.channel.close(promise: nil)
        }
        return isIn
    }

    /// Notes whether the daemon owes a connection an answer.
    package func note(_ channel: any Channel, isOwed: Bool) {
        state.withLock { state in
            state.order += 1
            state.entries[ObjectIdentifier(channel)]?.isOwed = isOwed
            state.entries[ObjectIdentifier(channel)]?.order = state.order
        }
    }

    /// A connection has ended.
    package func leave(_ channel: any Channel) {
        state.withLock { state in
            // A displaced one has been taken out already, and another may stand at its address.
            if state.entries[ObjectIdentifier(channel)]?.channel === channel {
                state.entries[ObjectIdentifier(channel)] = nil
            }
        }
    }

    /// Ends every connection, and takes none in any more.
    package func closeAll() {
        let entries = state.withLock { state in
            state.isClosing = true
            defer { state.entries = [:] }
            return state.entries
        }
        for entry in entries.values {
            note(.stopping)
            entry.channel.close(promise: nil)
        }
    }

    /// Counts an ending, and says it where somebody may want to know: at once, then once a minute how many there were.
    package func note(_ ending: Ending) {
        let news: Int? = state.withLock { state in
            state.endings[ending, default: 0] += 1
            let count = state.endings[ending, default: 0]
            let said = state.said[ending]
            if let said, said.time.duration(to: .now) < .seconds(60) { return nil }
            state.said[ending] = (.now, count)
            return count - (said?.count ?? 0)
        }
        guard let news, let words = ConnectionBook.words(for: ending, places: places) else { return }
        logger.notice("\(words)", metadata: ["connections": "\(news)"])
    }

    private static func words(for ending: Ending, places: Int) -> String? {
        switch ending {
        case .idle, .stopping: nil
        case .slowRequest: "a client did not finish its request in time and was disconnected"
        case .slowReader: "a client did not take its answer in time and was disconnected"
        case .displaced: "all \(places) connections were taken: a client that asked nothing was disconnected"
        case .refused: "all \(places) connections were taken and busy: a client was sent away"
        }
    }
}

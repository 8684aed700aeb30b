import Acquisition
import Foundation
import Storage

/// The meters and links that were announced as lost and not as back: a start says neither again what is known.
struct LostDevices: Codable, Sendable, Hashable {
    /// By name.
    var meters: Set<String> = []
    /// By name.
    var links: Set<String> = []

    /// Takes an event into account.
    mutating func take(_ event: AcquisitionEvent) {
        switch event {
        case .meterLost(let meter, _): meters.insert(meter)
        case .meterBack(let meter): meters.remove(meter)
        case .linkLost(let link, _, _, _): links.insert(link)
        case .linkBack(let link): links.remove(link)
        default: break
        }
    }

    /// Forgets those that are configured no more.
    mutating func keep(meters known: [String], links knownLinks: [String]) {
        meters.formIntersection(known)
        links.formIntersection(knownLinks)
    }
}

extension StoreReader {
    /// Those that the alerts so far have left lost.
    func lostDevices() throws -> LostDevices {
        guard let text = try note("lost") else { return LostDevices() }
        return (try? JSONDecoder().decode(LostDevices.self, from: Data(text.utf8))) ?? LostDevices()
    }
}

extension StoreWriter {
    /// Keeps them for the next start.
    func keep(_ lost: LostDevices) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        try setNote("lost", String(decoding: try encoder.encode(lost), as: UTF8.self))
    }
}

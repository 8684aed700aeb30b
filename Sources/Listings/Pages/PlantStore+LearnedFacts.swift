import Acquisition
import Foundation
import Metering
import Storage

extension StoreReader {
    fileprivate static let factsKey = "facts"

    /// What is known of the devices of these meters, by meter; what cannot be read any more is left out and learned anew.
    package func learnedFacts(of meters: [MeterDefinition]) throws -> [String: LearnedFacts] {
        var facts: [String: LearnedFacts] = [:]
        for meter in meters {
            guard let text = try learned(meter.name)[StoreReader.factsKey] else { continue }
            facts[meter.name] = try? JSONDecoder().decode(LearnedFacts.self, from: Data(text.utf8))
        }
        return facts
    }
}

extension PlantStore {
    /// Keeps what is known of a meter's device; to be called from the recorder's thread, outside a transaction.
    package func keep(_ facts: LearnedFacts, of meter: String) throws {
        let text = facts.isEmpty ? nil : String(decoding: try JSONEncoder().encode(facts), as: UTF8.self)
        try write { try $0.setLearned(meter, StoreReader.factsKey, text) }
    }
}

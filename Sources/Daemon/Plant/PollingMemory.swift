import Acquisition
import Listings
import Metering
import PlantConfiguration
import Storage

/// What the record knows of the devices of a plant.
struct PollingMemory {
    var learned: [String: LearnedFacts]
    var lost: LostDevices
    var answers: [String: Instant]

    init(of plant: Plant, in store: PlantStore) {
        learned = (try? store.read { try $0.learnedFacts(of: plant.meters) }) ?? [:]
        lost = (try? store.read { try $0.lostDevices() }) ?? LostDevices()
        answers = (try? store.read { try $0.lastAnswers(of: plant.meters) }) ?? [:]
    }
}

extension StoreReader {
    /// When each meter last gave a value, as far as the record reaches.
    fileprivate func lastAnswers(of meters: [MeterDefinition]) throws -> [String: Instant] {
        let newest = try newestReadings()
        var answers: [String: Instant] = [:]
        for meter in meters {
            let points = meter.points.map { newest[Int($0.index)] }
            var answer = points.compactMap { $0 }.filter(\.isUsable).map(\.time).max()
            // Where it is silent now, what it said before stands further back.
            if answer == nil, let reading = points.compactMap({ $0 }).first {
                answer = try lastReading(reading.point, before: reading.time, usable: true)?.time
            }
            answers[meter.name] = answer
        }
        return answers
    }
}

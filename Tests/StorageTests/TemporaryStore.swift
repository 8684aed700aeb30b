import Foundation
import Indicators
import Metering
import Storage
import TestKit

/// A folder as the state directory of a store.
extension TemporaryFolder {
    /// Opens a store in it that has the usual names.
    func store(
        sync: PlantStore.Sync = .normal, points: Int = 4, sealing: SealingRule = SealingRule()
    ) throws -> PlantStore {
        let store = try PlantStore(directory: path, access: .owner(create: true, sync: sync), sealing: sealing)
        try store.adopt(names(points: points))
        return store
    }

    /// Copies the database with its log as a killed process would leave them.
    func copyAsKilled() throws -> TemporaryFolder {
        let copy = try TemporaryFolder()
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: path + "/emsd.db" + suffix) {
            try FileManager.default.copyItem(
                atPath: path + "/emsd.db" + suffix, toPath: copy.path + "/emsd.db" + suffix)
        }
        return copy
    }
}

func names(points: Int = 4) -> StoreNames {
    StoreNames(
        points: (0..<points).map { StoreNames.Point(name: "meter.p\($0)", kind: .gauge, unit: "kW") },
        indicators: [
            StoreNames.Indicator(name: "power", title: "Mean power", unit: "kW"), StoreNames.Indicator(name: "energy"),
        ],
        objectives: [
            StoreNames.Objective(name: "limit", unit: "kW", indicator: "power"),
            StoreNames.Objective(name: "budget", indicator: "energy"),
        ])
}

func at(_ milliseconds: Int64) -> Instant { Instant(milliseconds: milliseconds) }

func window(_ start: Int64, _ end: Int64) -> Window { Window(start: at(start), end: at(end)) }

let everything = Window(start: .distantPast, end: .distantFuture)

/// What a test compares of a reading: bit for bit, with equal patterns for no value.
struct Seen: Hashable, CustomStringConvertible {
    var time: Int64
    var bits: UInt64
    var quality: Quality
    var reason: Reason

    init(_ reading: Reading) {
        time = reading.time.milliseconds
        bits = reading.quality == .bad ? 0 : reading.value.bitPattern
        quality = reading.quality
        reason = reading.reason
    }

    var description: String { "\(time) \(Double(bitPattern: bits)) \(quality) \(reason.text)" }
}

import Foundation
import Indicators
import Metering
import Storage

/// What questions cost in a database of 100 points at 10 s over many days.
enum QuestionBench {
    private static let points = 100
    private static let start = Instant(milliseconds: 1_700_000_000_000)
    private static let day: Int64 = 86_400_000

    /// Makes the database where it is not there yet, asks, and reports milliseconds.
    static func run(days: Int, directory: String) throws -> Report {
        guard !directory.isEmpty else { throw BenchFault("questions need a directory") }
        let isNew = !FileManager.default.fileExists(atPath: directory + "/emsd.db")
        let store = try PlantStore(directory: directory, access: .owner(create: true, sync: .normal))
        try store.adopt(
            StoreNames(
                points: (0..<points).map { .init(name: "m.p\($0)", kind: .gauge) }, indicators: [.init(name: "i")],
                objectives: []))
        if isNew { try fill(store, days: days) }
        let middle = start + Int64(days / 2) * day
        var report: Report = [:]
        func ask(_ name: String, _ question: (StoreReader) throws -> Void) throws {
            // The second time: what a gateway has in its cache after a look at the same page.
            for _ in 0..<2 { report[name] = try Stopwatch.seconds { try store.read(question) } * 1000 }
        }
        try ask("newest_ms") { _ = try $0.newestReadings() }
        try ask("day_of_point_ms") { _ = try $0.readings(17, in: Window(start: middle, end: middle + day)) }
        try ask("month_of_indicator_ms") { reader in
            try reader.values(0, in: Window(start: middle, end: middle + 30 * day)) { _ in }
        }
        try ask("open_nonconformities_ms") { _ = try $0.openNonconformities() }
        try ask("hourly_of_all_ms") { reader in
            _ = try reader.summaries(17, in: Window(start: start, end: .distantFuture), every: 3_600_000)
        }
        try store.close()
        let size = try FileManager.default.attributesOfItem(atPath: directory + "/emsd.db")[.size] as? Int ?? 0
        report["bytes_per_reading"] = Double(size) / Double(days * 8640 * points)
        return report
    }

    /// How long the writer is busy at once while half of the database's readings go by their retention, and what is given
    /// back; the database is changed by it.
    static func runRetention(days: Int, directory: String) throws -> Report {
        let store = try PlantStore(directory: directory, access: .owner(create: false, sync: .normal))
        try store.checkpointBeside()
        var report: Report = ["longest_ms": 0, "steps": 0]
        func size() throws -> Double {
            Double(try FileManager.default.attributesOfItem(atPath: store.path)[.size] as? Int ?? 0) / 1e6
        }
        report["before_mb"] = try size()
        var isDone = false
        while !isDone {
            let now = start + Int64(days) * day
            let took = try Stopwatch.seconds {
                isDone = try store.tidy(now: now, readings: Int64(days / 2) * day).isDone
            }
            report["longest_ms"] = max(report["longest_ms"] ?? 0, took * 1000)
            report["steps"]? += 1
        }
        try store.close()
        report["after_mb"] = try size()
        return report
    }

    private static func fill(_ store: PlantStore, days: Int) throws {
        var numbers = SeededNumbers(1)
        var levels = [Int](repeating: 20_000, count: points)
        for day in 0..<days {
            var readings: [Reading] = []
            readings.reserveCapacity(8640 * points)
            for round in 0..<8640 {
                let time = start + Int64(day * 8640 + round) * 10_000
                for point in 0..<points {
                    levels[point] += Int(numbers.next() >> 33) % 41 - 20
                    readings.append(Reading(PointIndex(point), time, Double(levels[point]) / 10))
                }
            }
            _ = try store.write { try $0.append(readings) }
        }
        try store.write { writer in
            for hour in 0..<(days * 24) {
                let end = start + Int64(hour + 1) * 3_600_000
                try writer.put(
                    value: IndicatorValue(
                        indicator: 0, window: Window(start: end - 3_600_000, end: end), value: Double(hour) * 1.1,
                        status: .valid, coverage: 1, base: 3_600_000))
            }
        }
    }
}

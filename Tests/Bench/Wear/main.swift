import Foundation
import Indicators
import LiveRecording
import Metering
import Storage

// Hours of a plant's readings in minutes, stored as the daemon stores them, with what the disk is made to write for them:
//
//     emsd-wear [POINTS] [HOURS] [DIRECTORY]          2000 points, 26 hours, a directory below /var/tmp
//
// The database with its log, sealing and indicators, and the tail, are told apart. What the index of the log in shared
// memory costs depends on the kernel's own time and only shows in a live plant: Tests/Bench/live-wear.

let arguments = CommandLine.arguments.dropFirst()
let points = max(20, arguments.first.flatMap { Int($0) } ?? 2000) / 20 * 20
let hours = Int64(arguments.dropFirst().first ?? "") ?? 26
let directory = arguments.dropFirst(2).first ?? "/var/tmp/emsd-wear-\(getpid())"
/// As in the daemon's recording thread for a large plant: seconds for which readings are held, and closed windows.
let patience: Int64 = 300
let windowPatience: Int64 = 120
let start: Int64 = 1_790_000_000_000

/// Bytes that this process has had the disk write.
func written() -> Int {
    let lines = (try? String(contentsOfFile: "/proc/self/io", encoding: .utf8)) ?? ""
    let line = lines.split(separator: "\n").first { $0.hasPrefix("write_bytes") } ?? ""
    return line.split(separator: " ").last.flatMap { Int($0) } ?? 0
}

/// Twenty points a meter, each read every ten seconds: registers with a scale, floats, counters, states.
struct SimulatedMeters {
    private var counters: [Int64]
    private var random = SystemRandomNumberGenerator()

    init(points: Int) { counters = [Int64](repeating: 100_000, count: points) }

    /// What the meters that are due in a second say.
    mutating func readings(in second: Int64) -> [Reading] {
        var readings: [Reading] = []
        for meter in stride(from: Int(second % 10), to: counters.count / 20, by: 10) {
            let jitter = Int64.random(in: 0...15, using: &random)
            let time = Instant(milliseconds: start + second * 1000 + Int64(meter * 37 % 900) + jitter)
            for place in 0..<20 {
                let point = meter * 20 + place
                let course = 1000 + 400 * sin(Double(second) / 1200 + Double(place))
                let value: Double
                switch place {
                case 0..<8: value = (course + Double.random(in: -50...50, using: &random)).rounded() / 10
                case 8..<12: value = Double(Float(225 + Double.random(in: -3...3, using: &random)))
                case 12..<16:
                    counters[point] += Int64(course / 36) + Int64.random(in: 0...1, using: &random)
                    value = Double(counters[point]) / 100
                default: value = Double(second / (180 + Int64(place) * 60) % 2)
                }
                readings.append(Reading(PointIndex(point), time, value))
            }
        }
        return readings
    }
}

/// Indicators by the length of their windows: a minute for each tenth meter, a quarter and an hour for each.
let lengths: [Int64] = (0..<points / 20).flatMap { meter -> [Int64] in
    (meter % 10 == 0 ? [60_000] : []) + [900_000, 3_600_000]
}

/// Stores the windows that closed since the last commit.
func putWindows(from begin: Int64, until end: Int64, in writer: StoreWriter) throws {
    for (indicator, length) in lengths.enumerated() {
        for number in begin / length..<end / length {
            let window = Window(
                start: Instant(milliseconds: number * length), end: Instant(milliseconds: (number + 1) * length))
            try writer.put(
                value: IndicatorValue(
                    indicator: indicator, window: window, value: Double(number % 977) / 7, status: .valid, coverage: 1,
                    base: 90))
        }
    }
}

let store = try PlantStore(directory: directory, access: .owner(create: true, sync: .normal))
let tail = try ReadingTail(of: store)
try store.adopt(
    StoreNames(
        points: (0..<points).map { StoreNames.Point(name: "m.p\($0)", kind: .gauge) },
        indicators: lengths.indices.map { StoreNames.Indicator(name: "i\($0)") }))
var meters = SimulatedMeters(points: points)
var held: [Reading] = []
var (count, before, inTail, inDatabase) = (0, 0, 0, 0)
var committed = start
print("hour  readings  database B/reading  so far  tail B/reading  chunks")
for second in 0..<hours * 3600 {
    let readings = meters.readings(in: second)
    held += readings
    count += readings.count
    let begin = written()
    tail.take(readings)
    tail.flush()
    let middle = written()
    inTail += middle - begin
    let now = start + second * 1000
    let closes = lengths.contains { (now - windowPatience * 1000) / $0 > committed / $0 }
    if closes || now - committed >= patience * 1000 {
        let last = tail.last
        try store.write { writer in
            try writer.append(held, stayHot: true)
            try writer.noteTail(last)
            try writer.setClock(Instant(milliseconds: now))
            try putWindows(from: committed, until: now, in: writer)
        }
        committed = now
        store.flush()
        tail.committed(last)
        held.removeAll(keepingCapacity: true)
    }
    if second % 60 == 59 { _ = try store.tidy(now: Instant(milliseconds: now)) }
    inDatabase += written() - middle
    if second % 3600 == 3599 {
        let hour = Double(inDatabase - before) / Double(count) * Double(second + 1) / 3600
        let figures = [hour, Double(inDatabase) / Double(count), Double(inTail) / Double(count)]
        let text = figures.map { String(format: "%.2f", $0) }.joined(separator: "  ")
        print("\((second + 1) / 3600)  \(count)  \(text)  \(try store.chunkCount())")
        before = inDatabase
    }
}
tail.close()
try store.close()
try? FileManager.default.removeItem(atPath: directory)

import Foundation

/// A recording of a small works, made by arithmetic alone: a gauge that goes up and down, a counter that is exchanged
/// twice, and a state that says when the gauge counts.
struct RecordedWorks {
    /// Seconds between two readings of a point.
    var step = 10
    /// How many instants are recorded.
    var instants: Int

    static let start = 1_772_323_200  // 2026-03-01T00:00:00Z

    /// The rules of the works; alerts go where `directory` says.
    static func configuration(alerts directory: String) -> String {
        """
        site: {name: Works, timezone: Europe/Stockholm}
        alerts:
          - {path: \(directory)/alerts.jsonl, format: json}
          - {path: \(directory)/alerts.log, format: text, minimum: major}
        links:
          bus: {transport: tcp, host: 127.0.0.1, port: 1502}
        meters:
          incomer:
            link: bus
            unit: 1
            interval: 10s
            points:
              power: {register: input 0, type: float32, unit: kW, kind: gauge}
              energy: {register: input 2, type: uint32, unit: kWh, kind: counter, max_rate: 2000}
              running: {register: input 4, type: uint16, kind: state}
        indicators:
          power_quarter: {window: 15m, formula: mean(incomer.power), unit: kW}
          power_running: {window: 1h, formula: mean(incomer.power), unit: kW, while: incomer.running == 1}
          energy_hour: {window: 1h, formula: delta(incomer.energy), unit: kWh}
          energy_day: {window: 1d, formula: sum(energy_hour), unit: kWh}
          power_high: {window: 6h, every: 1h, formula: "percentile(incomer.power, 90)", unit: kW}
        objectives:
          contract: {indicator: power_quarter, max: 480, warn: 450, severity: major, clear_after: 2}
          budget: {indicator: energy_hour, budget: 6000, per: 1d, severity: minor}
          duty: {indicator: power_quarter, available: 99%, per: 1d, severity: critical}

        """
    }

    /// The recording in CSV.
    var csv: String {
        var lines = ["time,point,value,quality"]
        var noise: UInt64 = 88_172_645_463_325_252
        var energy = 100_000.0
        for number in 0..<instants {
            noise ^= noise << 13
            noise ^= noise >> 7
            noise ^= noise << 17
            let time = RecordedWorks.text(RecordedWorks.start + number * step)
            let wave = abs(number * step % 28_800 - 14_400)
            let power = 150 + wave / 40 + Int(noise % 60)
            energy += Double(power * step) / 3600
            if number % 31_000 == 30_999 { energy = 5 }
            let isSilent = number % 9_000 >= 8_900
            lines.append(isSilent ? "\(time),incomer.power,,bad" : "\(time),incomer.power,\(power),good")
            if !isSilent { lines.append("\(time),incomer.energy,\(Int(energy)),good") }
            lines.append("\(time),incomer.running,\(number % 2_000 < 1_500 ? 1 : 0),good")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func text(_ seconds: Int) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        // The recording stays within March.
        let day = (seconds - start) / 86_400 + 1
        let second = seconds % 86_400
        return "2026-03-\(two(day))T\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))Z"
    }
}

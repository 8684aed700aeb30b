import Conformity
import Metering
import PlantAPI
import Storage

extension MetricsText {
    /// The last verdict of each objective, and how far its value is from the limit it was judged by.
    mutating func objectives(
        _ definitions: [ObjectiveDefinition], _ names: StoreNames, _ reader: StoreReader
    ) throws {
        var judged: [(labels: KeyValuePairs<String, String>, last: JudgedWindow)] = []
        for (index, name) in names.objectives.enumerated() {
            guard let last = try reader.lastVerdict(index, before: .distantFuture) else { continue }
            let severity = definitions.first { $0.name == name.name }?.severity.rawValue ?? ""
            judged.append((["objective": name.name, "severity": severity, "unit": name.unit ?? ""], last))
        }
        lines.family(
            "emsd_objective_verdict", .gauge,
            "The verdict about the window closed last: 0 met, 1 warning, 2 not met, 3 not evaluable.")
        for one in judged { lines.sample(one.labels, Double(one.last.verdict.rawValue)) }
        lines.family("emsd_objective_value", .gauge, "The value that it judged.")
        for one in judged { if let value = one.last.value { lines.sample(one.labels, value) } }
        lines.family("emsd_objective_limit", .gauge, "The limit that it was judged by.")
        for one in judged { if let limit = one.last.limit { lines.sample(one.labels, limit) } }
        lines.family(
            "emsd_objective_margin", .gauge, "How far the value is from the limit; below 0 where it is not met.")
        for one in judged where one.last.verdict != .notEvaluable {
            guard let value = one.last.value, let limit = one.last.limit else { continue }
            let distance = abs(limit - value)
            lines.sample(one.labels, one.last.verdict == .notMet ? -distance : distance)
        }
    }

    /// How far the targets have the record.
    mutating func forwards(_ standings: [ForwardStanding]) {
        if standings.isEmpty { return }
        func all(_ name: String, _ kind: MetricsLines.Kind, _ help: String, _ value: (ForwardStanding) -> Double?) {
            lines.family(name, kind, help)
            for one in standings {
                if let value = value(one) { lines.sample(["target": one.target, "stream": one.stream], value) }
            }
        }
        all("emsd_forward_lines", .counter, "Lines acknowledged since the target was configured.") { Double($0.lines) }
        all("emsd_forward_waiting", .gauge, "Lines that the target has not got.") { Double($0.waiting) }
        all("emsd_forward_lag_seconds", .gauge, "How old the oldest of them is.") { $0.lag.map { Double($0) / 1000 } }
        all("emsd_forward_failing", .gauge, "Whether the last try failed.") { $0.fault == nil ? 0 : 1 }
        all("emsd_forward_rejected", .gauge, "Lines of the target that are kept because it refused them.") {
            Double($0.rejected)
        }
    }

    /// The numbers of OPC.
    static func quality(_ quality: Quality) -> Double {
        switch quality {
        case .good: 192
        case .uncertain: 64
        case .bad: 0
        }
    }
}

extension StoreNames.Point {
    /// The meter's name.
    var meter: String { String(name.prefix { $0 != "." }) }
}

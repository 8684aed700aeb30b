import Conformity
import Foundation
import Storage

/// Holds the life of a nonconformity, how it was opened and what people did with it, against the lines of the journal
/// (Rules 10).
struct LifeComparison {
    private struct Opened: Decodable {
        let time: String
        let severity: String
        let onset: String
        let definition: String
        let configuration: String
    }

    private let found: Nonconformity
    private let lines: [JournalFacts.Step]

    /// A comparison of one nonconformity with the lines about it, in their order.
    init(_ found: Nonconformity, _ lines: [JournalFacts.Step]) { (self.found, self.lines) = (found, lines) }

    private var opened: JournalRecord? { lines.first { $0.type == "nc.opened" }?.line }

    /// Whether a line says that it was opened.
    var isOpened: Bool { opened != nil }

    /// What is other than the line that opened it says, as the rest of a sentence; nil: nothing.
    var opening: String? {
        guard let line = opened else { return "stored, but the journal has not opened it" }
        guard let opened = try? JSONDecoder().decode(Opened.self, from: Data(line.line.utf8)) else {
            return "the line of the journal that opened it cannot be read"
        }
        let pairs = [
            ("severity", found.severity.rawValue, opened.severity), ("onset", found.onset.text, opened.onset),
            ("demand", found.definition, opened.definition),
            ("configuration", found.configurationDigest, opened.configuration),
            ("detected at", found.detectedAt?.text ?? opened.time, opened.time),
        ]
        return pairs.first { $0.1 != $0.2 }.map { "its \($0.0) is \($0.1), the journal (line \(line.seq)) has \($0.2)" }
    }

    /// What is other in its steps, as they are on record, than the journal says; each the rest of a sentence that its number
    /// begins.
    func faults(in records: [LifecycleRecord]) -> [String] {
        var faults: [String] = []
        let kinds = Set(LifecycleStep.Kind.allCases.map { "nc.\($0.rawValue)" })
        var rest = lines.filter { kinds.contains($0.type) }[...]
        var taken: [LifecycleStep] = []
        for record in records {
            let what = ", step \(record.seq) (\(record.step))"
            guard let step = try? JSONDecoder().decode(LifecycleStep.self, from: Data(record.details.utf8)) else {
                faults.append("\(what): it cannot be read")
                continue
            }
            taken.append(step)
            if step.time != record.time || step.by != record.who || step.kind.rawValue != record.step {
                faults.append("\(what): time, person or kind are not those of the step itself")
            }
            guard let line = rest.popFirst()?.line else {
                faults.append("\(what): the journal has no line of it")
                continue
            }
            let life = NonconformityLifecycle(id: found.id, steps: taken)
            var chain = JournalChain(sequence: line.seq - 1)
            if chain.append(JournalEntry.step(step, of: found.id, state: life.state)).text != line.line {
                faults.append("\(what): it is not what journal line \(line.seq) says")
            }
        }
        if !rest.isEmpty { faults.append(": \(rest.count) steps of the journal are not stored") }
        let state = NonconformityLifecycle(id: found.id, steps: taken).state
        if state.rawValue != found.state {
            faults.append(": its state is stored as \(found.state), its steps make it \(state.rawValue)")
        }
        return faults
    }
}

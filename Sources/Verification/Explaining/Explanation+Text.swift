import Conformity
import Metering

extension Explanation {
    /// The explanation for a person, from the verdict down to the registers; times by the site's calendar.
    package func text(in calendar: SiteCalendar) -> String {
        var lines: [ShownText] = []
        func say(_ text: String, _ depth: Int = 0) {
            lines.append(ShownText(String(repeating: "  ", count: depth) + text))
        }
        for judgement in judgements {
            let limit = judgement.limit.map { ", limit \(Self.number($0, judgement.unit))" } ?? ""
            say("\(judgement.verdict)  \(judgement.objective)\(judgement.title.map { " (\($0))" } ?? "")\(limit)")
            if let reference = judgement.reference { say("demanded by \(reference)", 1) }
            if let id = judgement.nonconformity { say("in the evidence of \(id)", 1) }
        }
        if judgements.isEmpty { say("no objective judged it") }
        let flags = value.flags.isEmpty ? "" : ", \(value.flags.joined(separator: " "))"
        say(
            "value  \(value.indicator) = \(value.value.map { Self.number($0, value.unit) } ?? "none") (\(value.status), "
                + "\(Self.percent(value.coverage)) covered\(flags))")
        say("\(calendar.text(value.window.start)) to \(calendar.text(value.window.end))", 1)
        for revision in revisions.count > 1 ? revisions : [] {
            say(
                "revision \(revision.number): \(revision.value.map { Self.number($0, value.unit) } ?? "none") "
                    + "\(revision.status)\(revision.reason.map { " (\($0))" } ?? "")", 1)
        }
        say("formula  \(definition.formula)")
        for part in parts { say("\(part.text) = \(part.value.map { Self.number($0, nil) } ?? "undefined")", 1) }
        for source in sources { say("\(source.indicator): \(source.valid) of \(source.windows) windows valid", 1) }
        for demand in definition.demands { say(demand, 1) }
        for point in points { tell(point, calendar, say) }
        let by = definition.loadedBy.map { " loaded by \($0)" } ?? ""
        say(
            "rules  configuration \(definition.version.map(String.init) ?? "not known")\(by), digest "
                + "\(definition.digest?.prefix(16) ?? "?")")
        say(
            "proof  journal lines \(Self.list(proof.lines)), seals \(Self.list(proof.seals)); "
                + (proof.head.map { "head \($0.number) of \(calendar.text($0.time)) over \($0.size) lines covers them" }
                    ?? "no head covers them yet"))
        return lines.map { $0.text + "\n" }.joined()
    }

    private func tell(_ point: Point, _ calendar: SiteCalendar, _ say: (String, Int) -> Void) {
        let range = point.minimum.flatMap { low in
            point.maximum.map { "\(Self.number(low, nil)) to \(Self.number($0, point.unit))" }
        }
        say(
            "readings  \(point.name): \(point.used) used"
                + (point.uncertain > 0 ? " (\(point.uncertain) uncertain)" : "") + (range.map { ", \($0)" } ?? ""), 0)
        if let first = point.first, let last = point.last {
            say(
                "first \(Self.number(first.value, nil)) at \(calendar.text(first.time)), last "
                    + "\(Self.number(last.value, nil)) at \(calendar.text(last.time))", 1)
        }
        for unused in point.unused { say("\(unused.count) not used: \(unused.reason)", 1) }
        for decision in point.decisions { say("counter: \(decision)", 1) }
        if let formula = point.formula { say("derived: \(formula)", 1) }
        guard let register = point.register else { return }
        let scale = register.scale == 1 ? "" : ", times \(Self.number(register.scale, nil))"
        let offset = register.offset == 0 ? "" : ", plus \(Self.number(register.offset, nil))"
        let words = register.words.isEmpty ? "" : "; the last one is \(register.words.joined(separator: " "))"
        say("register \(register.address), \(register.type) \(register.order)\(scale)\(offset)\(words)", 1)
        say("meter \(register.meter), unit \(register.unit) on \(register.link) (\(register.transport))", 1)
        for line in register.demands + register.checks { say(line, 1) }
    }

    private static func number(_ number: Double, _ unit: String?) -> String {
        CanonicalJSON.text(of: number) + (unit.map { " \($0)" } ?? "")
    }

    private static func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }

    private static func list(_ numbers: [Int]) -> String {
        if numbers.isEmpty { return "none" }
        let more = numbers.count > 8 ? " and \(numbers.count - 8) more" : ""
        return numbers.prefix(8).map(String.init).joined(separator: ", ") + more
    }
}

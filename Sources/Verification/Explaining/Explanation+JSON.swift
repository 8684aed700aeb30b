import Conformity
import Metering

extension Explanation {
    /// The explanation as one JSON document; times in UTC.
    package var json: CanonicalJSON {
        .object([
            .init("verdicts", .list(judgements.map(\.json))), .init("value", value.json),
            .init("definition", definition.json),
            .init(
                "parts",
                .list(parts.map { .object([.init("text", .text($0.text)), .init("value", .number($0.value))]) })),
            .init(
                "indicators",
                .list(
                    sources.map {
                        .object([
                            .init("indicator", .text($0.indicator)), .init("windows", .integer($0.windows)),
                            .init("valid", .integer($0.valid)),
                        ])
                    })),
            .init("points", .list(points.map(\.json))),
            .init(
                "revisions",
                .list(
                    revisions.map {
                        .object([
                            .init("revision", .integer($0.number)), .init("value", .number($0.value)),
                            .init("status", .text($0.status)), .init("reason", .text($0.reason)),
                        ])
                    })),
            .init("proof", proof.json),
        ])
    }
}

extension Explanation.Judgement {
    fileprivate var json: CanonicalJSON {
        .object([
            .init("objective", .text(objective)), .init("title", .text(title)), .init("reference", .text(reference)),
            .init("verdict", .text(verdict)), .init("value", .number(value)), .init("limit", .number(limit)),
            .init("unit", .text(unit)), .init("nonconformity", .text(nonconformity)),
        ])
    }
}

extension Explanation.Value {
    fileprivate var json: CanonicalJSON {
        .object([
            .init("indicator", .text(indicator)), .init("title", .text(title)),
            .init("start", .text(window.start.text)),
            .init("end", .text(window.end.text)), .init("value", .number(value)), .init("unit", .text(unit)),
            .init("status", .text(status)), .init("coverage", .number(coverage)),
            .init("flags", .list(flags.map { .text($0) })), .init("revision", .integer(revision)),
        ])
    }
}

extension Explanation.Definition {
    fileprivate var json: CanonicalJSON {
        .object([
            .init("version", version.map { .integer($0) } ?? .null), .init("configuration", .text(digest)),
            .init("since", .text(since == .distantPast ? nil : since?.text)), .init("by", .text(loadedBy)),
            .init("formula", .text(formula)), .init("demands", .list(demands.map { .text($0) })),
        ])
    }
}

extension Explanation.Point {
    fileprivate var json: CanonicalJSON {
        func sample(_ sample: Explanation.Sample?) -> CanonicalJSON {
            sample.map { .object([.init("time", .text($0.time.text)), .init("value", .number($0.value))]) } ?? .null
        }
        return .object([
            .init("point", .text(name)), .init("kind", .text(kind)), .init("unit", .text(unit)),
            .init("used", .integer(used)), .init("uncertain", .integer(uncertain)), .init("first", sample(first)),
            .init("last", sample(last)), .init("minimum", .number(minimum)), .init("maximum", .number(maximum)),
            .init(
                "unused",
                .list(
                    unused.map { .object([.init("reason", .text($0.reason)), .init("count", .integer($0.count))]) })),
            .init("decisions", .list(decisions.map { .text($0) })), .init("formula", .text(formula)),
            .init("register", register?.json ?? .null),
        ])
    }
}

extension Explanation.Register {
    fileprivate var json: CanonicalJSON {
        .object([
            .init("meter", .text(meter)), .init("title", .text(title)), .init("link", .text(link)),
            .init("transport", .text(transport)), .init("unit", .integer(unit)), .init("register", .text(address)),
            .init("type", .text(type)), .init("order", .text(order)), .init("scale", .number(scale)),
            .init("offset", .number(offset)), .init("last_words", .list(words.map { .text($0) })),
            .init("demands", .list(demands.map { .text($0) })), .init("checks", .list(checks.map { .text($0) })),
        ])
    }
}

extension Explanation.Proof {
    fileprivate var json: CanonicalJSON {
        .object([
            .init("lines", .list(lines.map { .integer($0) })), .init("seals", .list(seals.map { .integer($0) })),
            .init(
                "head",
                head.map {
                    .object([
                        .init("number", .integer($0.number)), .init("time", .text($0.time.text)),
                        .init("size", .integer($0.size)), .init("root", .text($0.root)),
                    ])
                } ?? .null),
        ])
    }
}

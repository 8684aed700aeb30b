import ConfigurationSource
import Conformity
import Metering

/// One definition as it was written, so that a difference can be told in the words of the configuration.
package struct WrittenDefinition: Sendable, Hashable {
    /// `indicator`, `objective`, `point`, `derived`, `meter`, `link`, `calendar`, `site`, `storage` and so on.
    package var kind: String
    /// Its name; of a section that has none, the section's.
    package var name: String
    /// Its keys with their values.
    package var members: [CanonicalJSON.Member]
}

extension WrittenDefinition {
    /// Sections whose entries are definitions of their own, and what each is.
    private static let named = [
        "links": "link", "meters": "meter", "derived": "derived", "indicators": "indicator",
        "objectives": "objective", "calendars": "calendar", "forward": "forward",
    ]

    /// The definitions under the root of a configuration; measured points are added where they are read.
    static func all(under root: YamlNode) -> [WrittenDefinition] {
        guard case .mapping(let sections) = root.content else { return [] }
        return sections.flatMap { section -> [WrittenDefinition] in
            guard let kind = named[section.key], case .mapping(let entries) = section.value.content else {
                return [WrittenDefinition(kind: section.key, name: section.key, members: members(section.value))]
            }
            return entries.map { entry in
                var found = WrittenDefinition(kind: kind, name: entry.key, members: members(entry.value))
                if kind == "meter" { found.members.removeAll { $0.key == "points" } }
                return found
            }
        }
    }

    private static func members(_ node: YamlNode) -> [CanonicalJSON.Member] {
        guard case .mapping(let entries) = node.content else { return [.init("is", CanonicalJSON(node))] }
        return entries.filter { $0.key != "was" }.map { .init($0.key, CanonicalJSON($0.value)) }
    }

    /// A point that is only replayed, or one with its register.
    init(_ point: PointDefinition, _ measured: MeasuredPoint?) {
        kind = "point"
        name = point.name
        members = [
            .init("kind", .text(point.kindWord)), .init("unit", .text(point.unit)),
            .init("max_gap", .text(WrittenDuration.text(point.maxGap))), .init("max_rate", .number(point.maxRate)),
            .init("modulus", .number(point.modulus)),
            .init("resets", .text(point.writtenResets)), .init("stamp", .text(point.writtenStamp)),
            .init("stretch", .text(point.counting.stretch > 0 ? WrittenDuration.text(point.counting.stretch) : nil)),
            .init(
                "exchanges",
                .list(
                    point.exchanges.map {
                        .object([
                            .init("time", .text($0.time.text)), .init("closing", .number($0.closing)),
                            .init("opening", .number($0.opening)),
                        ])
                    })),
        ]
        guard let measured else { return }
        let map = measured.map
        let later = map.laterScales.map { scale in
            CanonicalJSON.object([.init("from", .text(scale.from.text)), .init("scale", .number(scale.scale))])
        }
        members += [
            .init("register", .text("\(map.table.rawValue) \(map.address)")), .init("type", .text(map.type.rawValue)),
            .init("order", .text(map.order.rawValue)),
            .init("bits", .text(map.bits.map { "\($0.lowerBound)..\($0.upperBound)" })),
            .init("scale", later.isEmpty ? .number(map.scale) : .list([.number(map.scale)] + later)),
            .init("offset", .number(map.offset)),
            .init("scale_register", map.scaleRegister.map { .integer(Int($0)) } ?? .null),
            .init("sentinel", .list(map.sentinels.map { .text(String($0)) })),
            .init("interval", .text(WrittenDuration.text(measured.interval))),
            .init("range", measured.range.map { .list([.number($0.lowerBound), .number($0.upperBound)]) } ?? .null),
            .init("frozen_after", .text(measured.frozenAfter.map(WrittenDuration.text))),
        ]
    }
}

extension PointDefinition {
    /// What its `kind` is in the configuration.
    fileprivate var kindWord: String {
        switch counting {
        case .up, .since: kind.rawValue
        case .net: "net"
        case .each: "interval"
        }
    }

    fileprivate var writtenResets: String? {
        if case .since(let period) = counting { period.rule.written } else { nil }
    }

    fileprivate var writtenStamp: String? {
        guard case .each(let stretch) = counting else { return nil }
        return stretch.isStampedAtStart ? "start" : "end"
    }
}

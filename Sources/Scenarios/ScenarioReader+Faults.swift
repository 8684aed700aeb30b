import ConfigurationSource
import Metering
import PlantConfiguration

extension ScenarioReader {
    /// One entry of `faults`; nil where it is faulty itself.
    func readFault(_ item: Field) -> SimulatedFault? {
        guard let keys = item.section("a fault") else { return nil }
        defer { keys.close() }
        let kindField = keys.required("fault")
        let kind = kindField?.word(SimulatedFault.Kind.self)
        let target = readTarget(keys)
        guard let kind, let kindField else {
            for option in ["from", "for", "every", "chance", "code", "delay", "value", "points"] {
                _ = keys.has(option)
            }
            return nil
        }
        var fault = SimulatedFault(kind, of: target?.target ?? .link(""))
        fault.from = keys.field("from")?.duration(0...WrittenDuration.longest) ?? 0
        fault.duration = keys.field("for")?.duration()
        if let field = keys.field("every"), let every = field.duration() {
            fault.every = every
            if fault.duration == nil, kind != .jump { field.error("a fault that recurs needs 'for'") }
            if let duration = fault.duration, duration > every { field.error("'every' is at least as long as 'for'") }
        }
        fault.chance = keys.field("chance")?.share()?.value ?? 1
        read("code", of: keys, for: kind == .exception) { fault.code = UInt8($0.integer(1...255) ?? 4) }
        read("delay", of: keys, for: kind.takesDelay) { fault.delay = $0.duration(1...600_000) ?? 1000 }
        if kind == .drip, !keys.has("delay") { fault.delay = 20 }
        read("value", of: keys, for: kind == .jump) { fault.value = $0.number() ?? 0 }
        read("points", of: keys, for: kind.isAboutValues) { fault.points = self.readPoints($0, of: target?.meter) }
        guard let target else { return nil }
        check(kind, kindField, target.link, isLink: target.meter == nil)
        return fault
    }

    private func read(_ key: String, of keys: Section, for applies: Bool, _ body: (Field) -> Void) {
        guard let field = keys.field(key) else { return }
        if applies { body(field) } else { log.error(field.keyMark, "'\(key)' means nothing to this fault") }
    }

    private func readTarget(
        _ keys: Section
    ) -> (target: SimulatedFault.Target, meter: MeterDefinition?, link: LinkDefinition)? {
        let meterField = keys.field("meter")
        let linkField = keys.field("link")
        guard (meterField == nil) != (linkField == nil) else {
            log.error(keys.mark, "a fault befalls either a 'meter' or a 'link'")
            return nil
        }
        if let meterField, let name = meterField.name("a meter") {
            guard let meter = meter(name, meterField.mark),
                let link = plant.links.first(where: { $0.name == meter.link })
            else {
                return nil
            }
            return (.meter(name), meter, link)
        }
        guard let linkField, let name = linkField.name("a link") else { return nil }
        guard let link = plant.links.first(where: { $0.name == name }) else {
            log.error(linkField.mark, "unknown link '\(name)'", near: name, among: plant.links.map(\.name))
            return nil
        }
        return (.link(name), nil, link)
    }

    private func readPoints(_ field: Field, of meter: MeterDefinition?) -> Set<PointIndex> {
        guard let meter else {
            field.error("'points' needs a 'meter' whose points they are")
            return []
        }
        var points: Set<PointIndex> = []
        for item in field.items() ?? [] {
            guard let name = item.name("a point") else { continue }
            if let point = meter.points.first(where: { $0.name == name }) {
                points.insert(point.index)
            } else {
                log.error(
                    item.mark, "meter '\(meter.name)' has no point '\(name)'", near: name,
                    among: meter.points.map(\.name))
            }
        }
        return points
    }

    private func check(_ kind: SimulatedFault.Kind, _ field: Field, _ link: LinkDefinition, isLink: Bool) {
        if kind == .down, !isLink { field.error("'down' befalls a link; a single meter can be silent") }
        switch link.transport {
        case .tcp: if kind == .crc { field.error("link '\(link.name)' speaks Modbus TCP, which has no checksum") }
        case .rtu, .rtuOverTCP:
            if kind == .transaction { field.error("link '\(link.name)' speaks RTU, which has no transactions") }
        }
    }
}

import ConfigurationSource
import Indicators
import Metering

/// A point before it is read: its keys, from a profile and from the configuration on top.
struct PointSketch {
    var name: String
    var mark: SourceMark
    var entries: [YamlEntry]
}

extension PlantReader {
    /// The meters with their points.
    func readMeters(_ top: Section) {
        for (name, field) in names(top, "meters", "meter") {
            guard let section = field.section("meter '\(name)'") else {
                opaqueMeters.insert(name)
                continue
            }
            readMeter(name, field, section)
            section.close()
        }
        warnOfUnitsUsedTwice()
    }

    private func readMeter(_ name: String, _ field: Field, _ section: Section) {
        let title = section.field("title")?.text()
        was.meters[name] = formerName(section)
        readInstrument(name, title, section)
        let profileField = section.field("profile")
        let supplier = section.field("supplier")?.name("who supplied it")
        let area = section.field("area")?.name("a part of the site")
        let profile = profileField.flatMap(profiles.profile)
        let link = readLinkName(name, field, section)
        let unit = readUnit(name, section, link)
        let interval = section.field("interval").map { $0.duration(10...86_400_000) } ?? 10_000
        let maxGap = section.field("max_gap").map { $0.duration() }
        let maxRegisters = setting("max_registers", section, profile).map { $0.integer(1...125) } ?? 125
        let bridgeHoles = setting("bridge_holes", section, profile).map { $0.flag() } ?? true
        let models = setting("sunspec", section, profile).map(readModels) ?? []
        let validWhen = setting("valid_when", section, profile)
        if profileField != nil && profile == nil { opaqueMeters.insert(name) }

        let frame = PointFrame(
            meter: name, interval: interval ?? 10_000, maxGap: maxGap ?? nil, maxRegisters: Int(maxRegisters ?? 125),
            path: field.keyMark.source.path, isPolled: link != nil)
        var measured: [MeasuredPoint] = []
        let sketches = sketches(name, section, profile, hasProfile: profileField != nil, validWhen)
        for sketch in sketches {
            if let point = readPoint(sketch, frame) { measured.append(point) }
        }
        let condition = validWhen.flatMap { readValidWhen($0, name, sketches.map(\.name)) }
        guard let unit, let interval, let bridgeHoles else { return }
        var meter = MeterDefinition(
            name: name, title: title, link: link ?? "", unit: unit, interval: interval, points: measured,
            maxRegisters: frame.maxRegisters, bridgeHoles: bridgeHoles, models: models, validWhen: condition)
        meter.profile = profileField?.node.scalar?.text
        meter.supplier = supplier
        meter.area = area
        meters.append(meter)
    }

    /// The numbers of the models that a meter may have, of which it is the first in its chain.
    private func readModels(_ field: Field) -> [Int] {
        field.oneOrMore().compactMap { $0.integer(1...65_534) }.map(Int.init)
    }

    /// A key of the meter, or else of its profile.
    private func setting(_ key: String, _ section: Section, _ profile: Profile?) -> Field? {
        section.field(key) ?? profile?.keys.first { $0.key == key }.map { Field($0, log: log) }
    }

    /// The name of the meter's link; nil where there is none, `""` where it is faulty.
    private func readLinkName(_ name: String, _ field: Field, _ section: Section) -> String? {
        guard let linkField = section.field("link") else {
            log.warning(
                field.keyMark, "meter '\(name)' has no link: it is never polled; import its readings, or enter them")
            return nil
        }
        guard let link = linkField.name("the name of a link") else { return "" }
        if linkNames.contains(link) { return link }
        if unreadable.contains("links") { return "" }
        log.error(linkField.mark, "unknown link '\(link.prefix(60))'", near: link, among: linkNames)
        return ""
    }

    private func readUnit(_ name: String, _ section: Section, _ link: String?) -> UInt8? {
        guard let link else { return section.field("unit").map { $0.integer(0...255).map(UInt8.init) } ?? 0 }
        guard let field = section.required("unit") else { return nil }
        unitMarks[name] = field.mark
        guard let unit = field.integer(0...255) else { return nil }
        if case .rtu? = links.first(where: { $0.name == link })?.transport {
            if unit == 0 {
                field.error("'unit' 0 is the broadcast address, which no meter on a serial line answers")
                return nil
            }
            if unit > 247 { log.warning(field.mark, "unit \(unit) is reserved on serial lines; meters have 1 to 247") }
        }
        return UInt8(unit)
    }

    /// The points of a meter in their order, each with all its keys.
    private func sketches(
        _ name: String, _ section: Section, _ profile: Profile?, hasProfile: Bool, _ validWhen: Field?
    ) -> [PointSketch] {
        if hasProfile, profile == nil {
            // Without the profile's keys every point would look faulty.
            _ = section.has("points")
            return []
        }
        guard let field = hasProfile ? section.field("points") : section.required("points") else {
            if profile == nil { opaqueMeters.insert(name) }
            return (profile?.points ?? []).map { PointSketch(name: $0.key, mark: $0.mark, entries: entries($0)) }
        }
        var sketches: [PointSketch] = []
        switch field.node.content {
        case .sequence:
            sketches = selected(field, profile, hasProfile: hasProfile)
            // A meter that says whether its values hold is asked for it, listed or not.
            for point in profile?.points ?? [] where !sketches.contains(where: { $0.name == point.key }) {
                if let condition = validWhen?.node.scalar, FormulaNames.contains(point.key, in: condition.text) {
                    sketches.append(PointSketch(name: point.key, mark: point.mark, entries: entries(point)))
                }
            }
        default:
            sketches = (profile?.points ?? []).map { PointSketch(name: $0.key, mark: $0.mark, entries: entries($0)) }
            for (point, own) in field.named("point") ?? [] { lay(point, own, over: &sketches) }
        }
        if sketches.isEmpty {
            if field.node.size == 1 { field.error("meter '\(name)' has no points") }
            opaqueMeters.insert(name)
        }
        return sketches
    }

    /// The points that a list names, each out of the profile; `{name: {…}}` names one and changes it.
    private func selected(_ field: Field, _ profile: Profile?, hasProfile: Bool) -> [PointSketch] {
        if !hasProfile {
            field.error("a list of names selects points of a profile, and there is no 'profile'")
            return []
        }
        var sketches: [PointSketch] = []
        for item in field.items() ?? [] {
            if case .mapping = item.node.content {
                for (name, own) in item.named("point") ?? [] {
                    var sketch = (profile?.points ?? []).filter { $0.key == name }
                        .map { PointSketch(name: $0.key, mark: $0.mark, entries: entries($0)) }
                    lay(name, own, over: &sketch)
                    sketches += sketch
                }
                continue
            }
            guard let name = item.name("the name of a point"), let profile else { continue }
            guard let point = profile.points.first(where: { $0.key == name }) else {
                log.error(
                    item.mark, "profile '\(profile.name)' has no point '\(name.prefix(60))'", near: name,
                    among: profile.points.map(\.key))
                continue
            }
            if sketches.contains(where: { $0.name == name }) {
                item.error("point '\(name)' is listed twice")
            } else {
                sketches.append(PointSketch(name: name, mark: item.mark, entries: entries(point)))
            }
        }
        return sketches
    }

    /// Lays a point's own keys over those of its profile; a key without a value takes the profile's away.
    private func lay(_ name: String, _ own: Field, over sketches: inout [PointSketch]) {
        guard own.section("point '\(name)'") != nil else { return }
        let ownEntries = entries(YamlEntry(key: own.key, mark: own.keyMark, value: own.node))
        guard let index = sketches.firstIndex(where: { $0.name == name }) else {
            sketches.append(PointSketch(name: name, mark: own.keyMark, entries: ownEntries))
            return
        }
        let replaced = Set(ownEntries.map(\.key))
        let dropped = Set(ownEntries.filter(\.value.isNull).map(\.key)).intersection(sketches[index].entries.map(\.key))
        sketches[index].mark = own.keyMark
        sketches[index].entries.removeAll { replaced.contains($0.key) }
        sketches[index].entries += ownEntries.filter { !dropped.contains($0.key) }
    }

    private func entries(_ point: YamlEntry) -> [YamlEntry] {
        if case .mapping(let entries) = point.value.content { return entries }
        if !point.value.isNull {
            log.error(point.value.mark, "point '\(point.key)' is a section of keys, not \(point.value.summary)")
        }
        return []
    }

    private func warnOfUnitsUsedTwice() {
        var first: [String: String] = [:]
        for meter in meters where linkNames.contains(meter.link) {
            let place = "unit \(meter.unit) on link '\(meter.link)'"
            if let other = first[place], let mark = unitMarks[meter.name] {
                log.warning(mark, "one unit used by two meters: \(place) is '\(other)' and '\(meter.name)'")
            }
            first[place] = first[place] ?? meter.name
        }
    }
}

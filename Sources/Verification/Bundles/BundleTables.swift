import Conformity
import Indicators
import Metering
import PlantConfiguration
import RecordKeeping
import Recording
import Storage

/// The tables of a bundle, as CSV: UTF-8, line feeds, times in UTC, numbers the shortest that read back the same.
struct BundleTables {
    let scope: BundleScope
    let reader: StoreReader

    init(_ scope: BundleScope, _ reader: StoreReader) throws {
        self.scope = scope
        self.reader = try reader.includingRemoved()
    }

    func windows() throws -> String {
        var text = "indicator,start,end,value,unit,status,coverage,flags,revision,configuration\n"
        for (index, indicator) in sorted(reader.names.indicators, \.name)
        where scope.indicators.contains(indicator.name) {
            try reader.versionedValues(index, in: scope.windows, allRevisions: true) { value, version in
                text += Self.row([
                    indicator.name, value.window.start.text, value.window.end.text, Self.number(value.value),
                    indicator.unit ?? "", value.status.text, Self.number(value.coverage),
                    value.flags.words.sorted().joined(separator: " "), "\(value.revision)",
                    version.map(String.init) ?? "",
                ])
            }
        }
        return text
    }

    func verdicts() throws -> String {
        var text = "objective,start,end,verdict,value,limit,unit,configuration\n"
        for (index, objective) in sorted(reader.names.objectives, \.name)
        where scope.objectives.contains(objective.name) {
            try reader.versionedVerdicts(index, in: scope.windows) { judged, version in
                text += Self.row([
                    objective.name, judged.window.start.text, judged.window.end.text, judged.verdict.text,
                    Self.number(judged.value), Self.number(judged.limit), objective.unit ?? "",
                    version.map(String.init) ?? "",
                ])
            }
        }
        return text
    }

    func ledger() throws -> String {
        var text = "point,time,entry,advance,last_suspect\n"
        for (index, point) in sorted(reader.names.points, \.name) where scope.points.contains(point.name) {
            for entry in try reader.ledger(PointIndex(index), in: scope.readings) {
                text += Self.row([
                    point.name, entry.time.text, entry.verdict.text, Self.number(entry.advance), entry.lastSuspect.text,
                ])
            }
        }
        return text
    }

    /// Where each point is read, by every configuration of the stretch.
    func registers() throws -> String {
        var text = "configuration,point,kind,unit,meter,title,link,transport,unit_id,register,type,order,scale,offset\n"
        for version in scope.versions {
            guard let past = try PastPlant(version: version, in: reader) else { continue }
            for meter in past.plant.meters {
                let link = past.plant.links.first { $0.name == meter.link }
                for point in meter.points {
                    text += Self.row([
                        "\(version)", past.plant.plan.points[Int(point.index)].name, point.kind.rawValue,
                        point.unit ?? "", meter.name, meter.title ?? "", meter.link, link?.words ?? "",
                        "\(meter.unit)", "\(point.map.table.rawValue) \(point.map.address)", point.map.type.rawValue,
                        point.map.order.rawValue, Self.number(point.map.scale), Self.number(point.map.offset),
                    ])
                }
            }
        }
        return text
    }

    /// Each nonconformity with its life, step by step.
    func nonconformities() throws -> String {
        let found = try reader.nonconformities().filter { scope.nonconformities.contains($0.id) }
        return CanonicalJSON.list(try found.map { try Self.json($0, steps: reader.steps(of: $0.id)) }).canonicalText
            + "\n"
    }

    /// The files that people named as evidence, by their SHA-256: the files themselves are with them.
    func attachments() throws -> String {
        try Self.attachments(scope.nonconformities.sorted().map { ($0, try reader.life(of: $0).steps) })
    }

    /// The same of lives, in the order of their numbers.
    static func attachments(_ lives: [(id: String, steps: [LifecycleStep])]) -> String {
        var text = "nonconformity,step,evidence\n"
        for (id, steps) in lives {
            for (number, step) in steps.enumerated() {
                for evidence in step.evidence ?? [] { text += row([id, "\(number + 1)", evidence]) }
            }
        }
        return text
    }

    /// The lines of the journal whose kind begins with a word.
    static func events(_ prefix: String, in lines: [JournalRecord]) -> String {
        var text = "seq,time,event\n"
        for line in lines {
            guard let type = EvidenceBundle.type(of: line.line), type.hasPrefix(prefix) else { continue }
            text += row(["\(line.seq)", line.time.text, type])
        }
        return text
    }

    /// The lines of CSV behind its header, by their fields.
    static func rows(of bytes: [UInt8]) -> [[String]] {
        var rows: [[String]] = []
        var row: [String] = []
        var field: [UInt8] = []
        var (isQuoted, wasQuote) = (false, false)
        for byte in bytes {
            if byte == UInt8(ascii: "\"") {
                // Two of them inside quotes are one.
                if wasQuote { field.append(byte) }
                wasQuote = !wasQuote && isQuoted
                isQuoted.toggle()
                continue
            }
            wasQuote = false
            if isQuoted || byte != UInt8(ascii: ",") && byte != UInt8(ascii: "\n") {
                field.append(byte)
                continue
            }
            row.append(String(decoding: field, as: UTF8.self))
            field = []
            if byte == UInt8(ascii: "\n") {
                rows.append(row)
                row = []
            }
        }
        return Array(rows.dropFirst())
    }

    private static func json(_ found: Nonconformity, steps: [LifecycleRecord]) -> CanonicalJSON {
        .object([
            .init("id", .text(found.id)), .init("objective", .text(found.objectiveName)),
            .init("subject", .text(found.objective)), .init("kind", .text(found.kind.rawValue)),
            .init("severity", .text(found.severity.rawValue)), .init("state", .text(found.state)),
            .init("condition", .text(found.condition.rawValue)), .init("remark", .text(found.remark)),
            .init("onset", .text(found.onset.text)), .init("raised_at", .text(found.raisedAt.text)),
            .init("cleared_at", .text(found.clearedAt?.text)), .init("detected_at", .text(found.detectedAt?.text)),
            .init("peak", .number(found.peak)), .init("limit", .number(found.limit)), .init("unit", .text(found.unit)),
            .init("withdrawn_at", .text(found.withdrawnAt?.text)),
            .init("recurrence_of", .text(found.recurrenceOf)),
            .init("demand", .text(found.definition)),
            .init("version", found.version.map { .integer($0) } ?? .null),
            .init(
                "later_demands",
                .list(
                    found.laterDemands.map {
                        .object([
                            .init("since", .text(Instant(milliseconds: $0.since).text)),
                            .init("demand", .text($0.definition)), .init("unit", .text($0.unit)),
                        ])
                    })),
            .init("configuration", .text(found.configurationDigest)),
            .init("evidence", .text(found.evidenceDigest)),
            .init("windows", .list(found.windows.map(\.canonical))),
            .init("points", .list(found.points.map(\.canonical))),
            .init(
                "at_raising",
                found.frozen.map {
                    .object([
                        .init("windows", .list($0.windows.map(\.canonical))),
                        .init("points", .list($0.points.map(\.canonical))),
                    ])
                } ?? .null),
            .init(
                "steps",
                .list(
                    steps.map {
                        .object([
                            .init("step", .integer($0.seq)), .init("time", .text($0.time.text)),
                            .init("by", .text($0.who)), .init("kind", .text($0.step)), .init("said", .text($0.details)),
                        ])
                    })),
        ])
    }

    private func sorted<Thing>(_ things: [Thing], _ name: (Thing) -> String) -> [(offset: Int, element: Thing)] {
        things.enumerated().sorted { name($0.element) < name($1.element) }
    }

    private static func number(_ number: Double?) -> String { number.map { CanonicalJSON.text(of: $0) } ?? "" }

    static func row(_ fields: [String]) -> String {
        fields.map { field in
            field.contains { $0 == "," || $0 == "\"" || $0.isNewline }
                ? "\"" + field.replacing("\"", with: "\"\"") + "\"" : field
        }.joined(separator: ",") + "\n"
    }
}

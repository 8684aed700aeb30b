import Conformity
import Foundation
import Metering
import PlantAPI
import Storage

extension Page {
    static let nonconformityColumns = [
        ListingColumn("id"), ListingColumn("objective"), ListingColumn("severity"), ListingColumn("state"),
        ListingColumn("condition"),
        ListingColumn("raised_at"),
        ListingColumn("onset"), ListingColumn("cleared_at"), ListingColumn("peak", .number),
        ListingColumn("limit", .number), ListingColumn("unit"),
        ListingColumn("recurrence_of"), ListingColumn("remark"),
        // How long it was not met in all, and how long it took until it cleared.
        ListingColumn("seconds_not_met", .age), ListingColumn("seconds_until_cleared", .age),
        ListingColumn("kind"), ListingColumn("linked"),
    ]

    /// All nonconformities, or everything about one; ``ExitStatus/notInOrder`` where evidence is not as it was recorded.
    func nonconformities() throws -> ExitStatus {
        if let id = query.name { return try nonconformity(id) }
        // JSON also says when it was withdrawn, and other forms leave it out.
        let columns = Page.nonconformityColumns + (query.format == .json ? [ListingColumn("withdrawn_at")] : [])
        var printer = printer(columns)
        var status = ExitStatus.done
        for found in try reader.nonconformities() where isDefaultStretch || wholeStretch.contains(found.raisedAt) {
            guard wants(found.state, .state), wants(found.condition.rawValue, .condition),
                wants(found.severity.rawValue, .severity), wants(found.objectiveName, .objective)
            else { continue }
            var found = found
            if try !reader.evidenceFaults(of: found, journal: false).isEmpty {
                found.remark = [found.remark, Page.damagedEvidence].compactMap { $0 }.joined(separator: ", ")
                status = .notInOrder
            }
            try printer.row(fields(found) + (query.format == .json ? [.optional(found.withdrawnAt)] : []))
        }
        try printer.end(nothing: "no nonconformities")
        return status
    }

    /// What a list says of a nonconformity whose evidence is not as it was recorded.
    static let damagedEvidence = "evidence damaged"

    /// The fields of all columns but the last.
    static func fields(_ found: Nonconformity) -> [ListingValue] {
        [
            .text(found.id), .text(found.objectiveName), .text(found.severity.rawValue), .text(found.state),
            .text(found.condition.rawValue), .time(found.raisedAt), .time(found.onset), .optional(found.clearedAt),
            .optional(found.peak), .optional(found.limit), .optional(found.unit), .optional(found.recurrenceOf),
            .optional(found.remark), .number(Double(found.timeNotMet) / 1000),
            .optional(found.timeUntilCleared.map { Double($0) / 1000 }),
            .text(found.kind.rawValue),
        ]
    }

    private func fields(_ found: Nonconformity) throws -> [ListingValue] {
        Page.fields(found) + [.optional(try linked(to: found))]
    }

    /// The data nonconformity that was opened instead of a breach, or that breach; nil where there is none.
    private func linked(to found: Nonconformity) throws -> String? {
        guard found.kind == .data || found.state == NonconformityState.rejected.rawValue else { return nil }
        return try reader.life(of: found.id).steps.first { $0.kind == .raise || $0.kind == .reject }?.other
    }

    private func nonconformity(_ id: String) throws -> ExitStatus {
        guard let found = try reader.nonconformity(id) else {
            _ = try index(of: id, in: reader.nonconformities().map(\.id), what: "nonconformity")
            return .done
        }
        let faults = try reader.evidenceFaults(of: found, journal: true)
        switch query.format {
        case .csv:
            var printer = printer(Page.nonconformityColumns)
            try printer.row(fields(found))
            try printer.end(nothing: "")
        case .json:
            let document = try document(found, faults: faults, steps: reader.steps(of: id))
            let text = ShownText.json(document.canonicalText)
            try sink(Array((text + "\n").utf8))
        case .table:
            let story = NonconformityStory(
                found, life: try reader.life(of: id), title: title(of: found), calendar: record.calendar,
                showsAll: query.showsAll, evidenceFaults: faults, kept: try reader.keptReadings(for: id),
                deadlines: deadlines, now: now, width: query.terminal.width)
            try tell(story.text)
        }
        return faults.isEmpty ? .done : .notInOrder
    }

    private func title(of found: Nonconformity) -> String? {
        found.title ?? names.objectives.first { $0.name == found.objectiveName }?.title
    }

    /// By when people have to answer; offline, where the configuration is not known, the usual times.
    var deadlines: Deadlines { record.plant?.deadlines ?? Deadlines() }

    private func document(
        _ found: Nonconformity, faults: [String], steps: [LifecycleRecord]
    ) throws -> CanonicalJSON {
        var members = zip(Page.nonconformityColumns, try fields(found)).map { column, field in
            CanonicalJSON.Member(column.name, ListingPrinter.json(field))
        }
        members += [
            .init("title", .text(title(of: found))), .init("detected_at", .text(found.detectedAt?.text)),
            .init("definition", .text(found.definition)),
            .init("later_demands", .list(found.laterDemands.map(document))),
            .init("withdrawn_at", .text(found.withdrawnAt?.text)),
            .init("configuration", .text(found.configurationDigest)),
            .init("windows", .list(found.windows.map(document))), .init("points", .list(found.points.map(document))),
            .init("at_raising", found.frozen.map(document) ?? .null),
            .init("kept_readings", document(try reader.keptReadings(for: found.id))),
            .init("evidence_faults", .list(faults.map { .text($0) })),
        ]
        members += lifeMembers(of: found, try reader.life(of: found.id))
        members.append(.init("steps", .list(steps.map(document))))
        return .object(members)
    }

    private func document(_ kept: KeptReadings?) -> CanonicalJSON {
        guard let kept else { return .null }
        return .object([
            .init("points", .list(kept.points.map { .text($0) })), .init("from", .text(kept.start.text)),
            .init("until", .text(kept.end?.text)),
        ])
    }

    private func document(_ demand: LaterDemand) -> CanonicalJSON {
        .object([
            .init("since", .text(Instant(milliseconds: demand.since).text)),
            .init("definition", .text(demand.definition)),
            .init("unit", .text(demand.unit)),
        ])
    }

    private func document(_ window: EvidenceWindow) -> CanonicalJSON {
        .object([
            .init("start", .text(Instant(milliseconds: window.start).text)),
            .init("end", .text(Instant(milliseconds: window.end).text)), .init("verdict", .text(window.verdict)),
            .init("value", .number(window.value)), .init("limit", .number(window.limit)),
            .init("coverage", .number(window.coverage)), .init("status", .text(window.status)),
            .init("revision", window.revision.map { .integer($0) } ?? .null),
        ])
    }

    private func document(_ frozen: FrozenEvidence) -> CanonicalJSON {
        .object([
            .init("windows", .list(frozen.windows.map(document))), .init("points", .list(frozen.points.map(document))),
        ])
    }

    private func document(_ point: EvidencePoint) -> CanonicalJSON {
        .object([
            .init("point", .text(point.point)), .init("count", .integer(point.count)),
            .init("minimum", .number(point.minimum)), .init("maximum", .number(point.maximum)),
            .init("first", .number(point.first)), .init("last", .number(point.last)),
        ])
    }
}

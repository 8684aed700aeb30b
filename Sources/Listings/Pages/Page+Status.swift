import Acquisition
import Conformity
import Metering
import PlantAPI

extension Page {
    /// One screen about the whole plant; ``ExitStatus/notInOrder`` where anything is not as it should be
    /// (``PlantStatus/problems``).
    func status() throws -> ExitStatus {
        let status = try PlantStatus(self)
        let findings = try status.findings(self)
        switch query.format {
        case .json: try sink(Array((ShownText.json(status.document(findings).canonicalText) + "\n").utf8))
        case .csv:
            var printer = printer([ListingColumn("item"), ListingColumn("state"), ListingColumn("detail")])
            for row in rows(status) { try printer.row(row.map { $0.isEmpty ? .none : .text($0) }) }
            try printer.end(nothing: "")
        case .table:
            let verdicts = try names.objectives.indices.compactMap {
                try reader.lastVerdict($0, before: .distantFuture)?.verdict
            }
            let screen = StatusScreen(
                status: status, findings: findings, verdicts: verdicts, calendar: record.calendar,
                terminal: query.terminal, showsAll: query.showsAll)
            try sink(Array(screen.text.utf8))
        }
        return status.isInOrder ? .done : .notInOrder
    }

    /// The first row answers whether all is well; what is not follows before what is.
    private func rows(_ status: PlantStatus) -> [[String]] {
        let problems = status.problems
        var rows = [["in order", problems.isEmpty ? "yes" : "no", problems.joined(separator: ", ")]]
        for fault in status.live?.faults ?? [] { rows.append(["daemon", "fault", fault]) }
        if let left = status.live?.leftOut, left > 0 {
            rows.append(["clock", "set back", "\(left) values left out: \(PlantStatus.leftOut)"])
        }
        for (id, faults) in status.damaged { rows.append([id, "evidence damaged", faults.joined(separator: "; ")]) }
        for work in status.live?.work ?? [] { rows.append(["daemon", "computing", work]) }
        let running = status.live.map { "since \(text($0.startedAt))" } ?? ""
        let since = status.recordStart.map { "since \(text($0))" } ?? "no readings yet"
        let newest = status.newest.map { "newest reading \(text($0))" } ?? ""
        let silent = status.silent > 0 ? "\(status.silent) without a reading" : ""
        let counts = "\(status.good) good, \(status.uncertain) uncertain, \(status.bad) bad"
        rows += [
            ["site", status.plantSummary.site, status.plantSummary.timezone],
            ["daemon", status.live == nil ? "offline" : "running", running], ["record", since, newest],
            ["points", counts, silent],
        ]
        for found in status.open {
            rows.append([
                found.id, "\(found.condition.rawValue), \(found.state)",
                "\(found.severity.rawValue) \(found.kind == .data ? "data of " : "")\(found.objectiveName) since \(text(found.onset))"
                    + (status.overdue[found.id].map { "; overdue: \($0)" } ?? ""),
            ])
        }
        rows += forecastRows(status)
        rows += status.checks.map { ["calibration \($0.meter)", $0.state, $0.words(record.calendar)] }
        rows += (status.live?.links ?? []).map { row(of: $0, at: status.live?.addresses[$0.link]) }
        rows += meterRows(status.meters)
        rows += status.unexplainedPoints.map { ["point \($0.name)", "bad", $0.reason.text] }
        if let head = status.head {
            let age = ListingText.age(Double(max(0, now - head.time)) / 1000)
            rows.append(["head", "signed \(age) ago", "over \(head.size) lines of the journal"])
        }
        if let disk = status.disk {
            rows.append([
                "disk", disk.isLow ? "low" : "ok",
                "\(disk.free >> 20) MiB free, database \(disk.database >> 10) KiB",
            ])
        }
        return rows
    }

    /// The open windows that will not keep their limit if they go on so.
    private func forecastRows(_ status: PlantStatus) -> [[String]] {
        (status.live?.forecasts ?? []).filter { $0.isLost && $0.isTelling }.map { forecast in
            let unit = names.objectives[forecast.objective].unit.map { " \($0)" } ?? ""
            let limit = forecast.limit.map { " against \(ListingText.rounded($0))" } ?? ""
            let rest = forecast.remaining.map { "; the rest may have \(ListingText.rounded($0))\(unit)" } ?? ""
            return [
                "objective \(names.objectives[forecast.objective].name)", forecast.isBroken ? "broken" : "forecast",
                "\(ListingText.rounded(forecast.value))\(unit) so far, \(ListingText.rounded(forecast.projection))\(unit) at this rate"
                    + " by \(text(forecast.span.end))\(limit)\(rest)",
            ]
        }
    }

    private func row(of link: LinkHealth, at address: String?) -> [String] {
        let state =
            link.isDown
            ? "down: \(link.reason.text)" : link.connected ? "connected" : "not connected"
        let counts =
            "\(link.polls) polls, \(link.answers) answered, \(link.skippedSlots) skipped, "
            + "\(ListingText.rounded((link.load * 1000).rounded() / 10)) % of the time in use"
        let cause = link.isDown ? link.cause : nil
        return ["link \(link.link)", state, [cause, address, counts].compactMap { $0 }.joined(separator: "; ")]
    }

    /// A row a meter; many behind a link that is down are one.
    private func meterRows(_ meters: [PlantStatus.Meter]) -> [[String]] {
        let cutOff = Dictionary(grouping: meters.filter(\.isCutOff), by: \.link).filter { $0.value.count > 4 }
        let single = meters.filter { !$0.isCutOff || cutOff[$0.link] == nil }
        return cutOff.sorted { $0.key < $1.key }.map { link, meters in
            let last = answered(meters.compactMap(\.lastAnswer).max())
            return ["meters of \(link)", "not read", "\(meters.count) meters, \(last); link \(link) is down"]
        } + single.map(row)
    }

    private func answered(_ time: Instant?) -> String {
        time.map { "answered \(ListingText.age(Double(max(0, now - $0)) / 1000)) ago" } ?? "never answered"
    }

    private func row(_ meter: PlantStatus.Meter) -> [String] {
        let answer = answered(meter.lastAnswer)
        let state =
            !meter.wasAsked
            ? "not asked yet"
            : meter.quality.map { quality in meter.reason.map { "\(quality.text): \($0.text)" } ?? quality.text }
        let why = meter.isCutOff ? "; link \(meter.link) is down" : ""
        return ["meter \(meter.name)", state ?? "no reading", answer + why]
    }

    private func text(_ instant: Instant) -> String { instant.text }
}

extension PlantStatus {
    /// The status as one JSON document.
    func document(_ findings: [PlantFinding]) -> CanonicalJSON {
        .object([
            .init("site", .text(plantSummary.site)), .init("timezone", .text(plantSummary.timezone)),
            .init("time", .text(time.text)),
            .init("headline", .text(headline)), .init("in_order", .flag(isInOrder)),
            .init("problems", .list(problems.map { .text($0) })),
            .init("findings", .list(findings.map(PlantStatus.document))),
            .init("running_since", .text(live?.startedAt.text)),
            .init("record_start", .text(recordStart?.text)), .init("newest_reading", .text(newest?.text)),
            .init("points", pointCounts), .init("bad_points", .list(badPoints.map(PlantStatus.document))),
            .init("links", .list((live?.links ?? []).map(document))), .init("meters", .list(meters.map(document))),
            .init("nonconformities", .list(open.map(PlantStatus.document))),
            .init("forecasts", .list((live?.forecasts ?? []).map(document))),
            .init("faults", .list((live?.faults ?? []).map { .text($0) })),
            .init("damaged_evidence", .list(damaged.map { .text($0.id) })),
            .init("computing", .list((live?.work ?? []).map { .text($0) })),
            .init("left_out", .integer(live?.leftOut ?? 0)),
            .init(
                "head",
                head.map { .object([.init("time", .text($0.time.text)), .init("size", .integer($0.size))]) } ?? .null),
            .init("disk", disk.map(PlantStatus.document) ?? .null),
        ])
    }

    private static func document(_ finding: PlantFinding) -> CanonicalJSON {
        .object([
            .init("kind", .text(finding.kind)), .init("what", .text(finding.what)),
            .init("in_short", .text(finding.inShort ?? finding.what)),
            .init("since", .text(finding.since?.text)), .init("amount", .text(finding.amount)),
            .init("next", .text(finding.next)),
        ])
    }

    private var pointCounts: CanonicalJSON {
        .object([
            .init("good", .integer(good)), .init("uncertain", .integer(uncertain)), .init("bad", .integer(bad)),
            .init("silent", .integer(silent)),
        ])
    }

    private static func document(_ point: (name: String, reason: Reason)) -> CanonicalJSON {
        .object([.init("point", .text(point.name)), .init("reason", .text(point.reason.text))])
    }

    private func document(_ link: LinkHealth) -> CanonicalJSON {
        .object([
            .init("link", .text(link.link)), .init("address", .text(live?.addresses[link.link])),
            .init("connected", .flag(link.connected)), .init("down", .flag(link.isDown)),
            .init("reason", .text(link.reason == .none ? nil : link.reason.text)), .init("cause", .text(link.cause)),
            .init("polls", .integer(link.polls)), .init("answers", .integer(link.answers)),
            .init("skipped", .integer(link.skippedSlots)), .init("load", .number(link.load)),
            .init("connections", .integer(link.connections)),
        ])
    }

    private func document(_ meter: Meter) -> CanonicalJSON {
        let age = meter.lastAnswer.map { Double(max(0, time - $0)) / 1000 }
        return .object([
            .init("meter", .text(meter.name)), .init("title", .text(meter.title)), .init("link", .text(meter.link)),
            .init("quality", .text(meter.quality?.text)), .init("last_answer", .text(meter.lastAnswer?.text)),
            .init("age", .number(age)), .init("asked", .flag(meter.wasAsked)),
        ])
    }

    private static func document(_ found: Nonconformity) -> CanonicalJSON {
        .object(
            zip(Page.nonconformityColumns, Page.fields(found)).map { column, field in
                CanonicalJSON.Member(column.name, ListingPrinter.json(field))
            })
    }

    private func document(_ forecast: Forecast) -> CanonicalJSON {
        .object([
            .init("objective", .text(objectives[forecast.objective])), .init("start", .text(forecast.span.start.text)),
            .init("end", .text(forecast.span.end.text)), .init("value", .number(forecast.value)),
            .init("projection", .number(forecast.projection)), .init("limit", .number(forecast.limit)),
            .init("remaining", .number(forecast.remaining)), .init("kept", .flag(!forecast.isLost)),
        ])
    }

    private static func document(_ disk: Disk) -> CanonicalJSON {
        .object([
            .init("free", .integer(Int(disk.free))), .init("database", .integer(Int(disk.database))),
            .init("low", .flag(disk.isLow)),
        ])
    }
}

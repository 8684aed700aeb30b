import ConfigurationSource
import Conformity
import Metering
import PlantAPI
import PlantConfiguration
import Platform
import Recording
import Storage

extension PlantRecord {
    private static let trialColumns = [
        ListingColumn("objective"), ListingColumn("what"), ListingColumn("onset"), ListingColumn("raised_at"),
        ListingColumn("cleared_at"), ListingColumn("windows", .number), ListingColumn("value", .number),
        ListingColumn("limit", .number), ListingColumn("unit"),
    ]

    /// Writes what objectives would have raised over the record, how many windows had which verdict, and which window met
    /// came nearest to its limit. Nothing is raised or stored.
    ///
    /// Throws a ``CommandError`` for an unknown name (65), and a ``ConfigurationRefusal`` for a text that is faulty.
    package func tryOut(
        _ request: TrialRequest, format: ListingFormat, terminal: TerminalForm = .init(),
        now: Instant = Instant(milliseconds: WallClock.milliseconds()), sink: @escaping ([UInt8]) throws -> Void
    ) throws {
        guard let plant else {
            throw CommandError(
                .badInput, "the configuration of this database is gone or has changed: objectives are tried against it")
        }
        let (tried, names) = try objectives(request, plant)
        let stretch = try trialStretch(request, now)
        var printer = ListingPrinter(
            columns: PlantRecord.trialColumns, format: format, calendar: calendar, terminal: terminal, now: now,
            sink: sink)
        try store.show { reader in
            let trial = try ObjectiveTrial(tried, inForce: plant, store: store, reader)
            for (index, objective) in tried.objectives.enumerated() where names.contains(objective.name) {
                try write(try trial.run(index, over: stretch), &printer)
            }
        }
        try printer.end(nothing: "no objective to try")
    }

    private func objectives(_ request: TrialRequest, _ plant: Plant) throws -> (Plant, [String]) {
        if let name = request.name {
            let known = plant.objectives.map(\.name)
            guard known.contains(name) else {
                throw CommandError(
                    .badInput, "there is no objective '\(name)'" + NearestName.hint(for: name, among: known))
            }
            return (plant, [name])
        }
        let path = request.path ?? "the text"
        let (report, names) = PlantLoader.load(
            kept: plant.files, adding: Array((request.text ?? "").utf8), from: path)
        guard let tried = report.plant, report.errors.isEmpty else {
            throw ConfigurationRefusal(findings: report.faults.map(\.description))
        }
        if names.isEmpty { throw CommandError(.badInput, "\(path) has no objectives to try") }
        return (tried, names)
    }

    private func trialStretch(_ request: TrialRequest, _ now: Instant) throws -> Window? {
        let since = try request.since.map {
            try TimeBound.instant($0, option: "--since", now: now, calendar: calendar)
        }
        let until = try request.until.map {
            try TimeBound.instant($0, option: "--until", now: now, calendar: calendar)
        }
        if since == nil, until == nil { return nil }
        if let since, let until, until < since {
            throw CommandError(.usage, "--until \(until.text) is before --since \(since.text)")
        }
        return Window(start: since ?? .distantPast, end: until ?? .distantFuture)
    }

    private func write(_ outcome: ObjectiveTrial.Outcome, _ printer: inout ListingPrinter) throws {
        func row(_ what: String, _ fields: [ListingValue]) throws {
            try printer.row([.text(outcome.objective), .text(what)] + fields + [.optional(outcome.unit)])
        }
        for episode in outcome.episodes {
            try row(
                "nonconformity",
                [
                    .time(episode.onset), .time(episode.raisedAt), .optional(episode.clearedAt),
                    .count(episode.windows), .optional(episode.peak), .optional(episode.limit),
                ])
        }
        for verdict in Verdict.allCases {
            try row(verdict.text, [.none, .none, .none, .count(outcome.counts[verdict] ?? 0), .none, .none])
        }
        guard let closest = outcome.closest else { return }
        try row(
            "closest",
            [
                .time(closest.window.start), .none, .time(closest.window.end), .none, .optional(closest.value),
                .optional(closest.limit),
            ])
    }
}

import Conformity
import Indicators
import Metering
import PlantAPI
import Storage

/// How good the data are: readings by point, windows by indicator.
enum QualitySection {
    static func write(_ figures: ReportFigures, _ page: inout HTMLText) {
        let points = figures.points.sorted { share($0) < share($1) }
        page.element(
            "p",
            "A bad reading has no value and is never replaced. What could not be judged counts as not evaluable, never as met."
        )
        page.table(
            "Readings by point, the worst first", ["Point", "Readings", "Usable", "Bad"],
            points.map { point in
                let bad = point.count - point.usable
                let name = Cell.text(point.name)
                guard point.count > 0 else { return [name, .number("0"), .toned("none", "bad"), .number("–")] }
                let usable = ReportText.share(share(point))
                return [
                    name, .number("\(point.count)"), share(point) < 0.95 ? .toned(usable, "warning") : .number(usable),
                    .number("\(bad)"),
                ]
            }, nothing: "There are no measured points.")
        let rows = figures.indicators.filter { $0.now.windows > 0 }.map { indicator -> [Cell] in
            let sums = indicator.now
            return [
                .text(indicator.name), .number("\(sums.windows)"), .number("\(sums.valid)"), .number("\(sums.idle)"),
                .number("\(sums.windows - sums.valid - sums.idle)"), .number(ReportText.share(sums.meanCoverage)),
            ]
        }
        page.table(
            "Windows by indicator", ["Indicator", "Windows", "Valid", "Idle", "Lost", "Coverage"], rows,
            nothing: "No windows closed in this period.")
    }

    private static func share(_ point: PointResult) -> Double {
        point.count == 0 ? 0 : Double(point.usable) / Double(point.count)
    }
}

/// Configurations that came into force, with who and why.
enum ChangeSection {
    static func write(_ figures: ReportFigures, _ page: inout HTMLText) throws {
        let own = figures.configurations.filter { figures.period.stretch.contains($0.since) }
        page.table(
            "Configurations that came into force", ["Since", "By", "Reason", "Digest"],
            own.map { one in
                let since = Cell.text(ReportText.time(one.since, figures))
                let reason = one.reason.map(Cell.text) ?? .toned("none given", "warning")
                return [since, .text(one.who), reason, .raw("<code>\(one.digest.prefix(16))</code>")]
            }, nothing: "No definition changed in this period.")
        var rows: [[Cell]] = []
        try figures.journal(ofTypes: ["value.revised", "verdict.revised", "nc.revised", "meter.exchange", "exchange"]) {
            record, members in
            rows.append([
                .text(ReportText.time(record.time, figures)), .text(members["type"] ?? ""),
                .text(members["indicator"] ?? members["objective"] ?? members["id"] ?? members["point"] ?? "–"),
                .text([members["start"], members["reason"]].compactMap { $0 }.joined(separator: ": ")),
            ])
        }
        let shown = rows.suffix(50)
        page.table(
            rows.count > shown.count ? "Revisions: the last 50 of \(rows.count)" : "Revisions",
            ["When", "What", "Of", "Why"],
            Array(shown), nothing: "No value was revised in this period.")
    }
}

/// The inputs that both editions of the standard want, and where they stand.
enum ReviewSection {
    static func write(_ figures: ReportFigures, _ page: inout HTMLText) {
        func link(_ id: String, _ words: String) -> Cell { .raw("<a href=\"#\(id)\">\(HTMLText.escaped(words))</a>") }
        let own = Cell.toned("to be brought by people", "warning")
        let rows: [[Cell]] = [
            [.text("Actions of earlier reviews"), .text("9.3 a"), .text("9.3.2"), link("open", "Open matters")],
            [
                .text("Changes of context, obligations, aspects, risks"), .text("9.3 b"), .text("9.3.2"),
                link("changes", "Changes of definitions"),
            ],
            [
                .text("Objectives: how far they are met"), .text("9.3 c"), .text("9.3.2"),
                link("objectives", "Objectives"),
            ],
            [
                .text("Nonconformities and corrective actions"), .text("9.3 d 1"), .text("9.3.2"),
                link("nonconformities", "Nonconformities"),
            ],
            [
                .text("Results of monitoring and measuring"), .text("9.3 d 2"), .text("9.3.2"),
                link("energy", "Energy, water, emissions"),
            ],
            [
                .text("Compliance with obligations"), .text("9.3 d 3"), .text("9.3.2"),
                link("objectives", "Objectives with references"),
            ],
            [.text("Results of audits"), .text("9.3 d 4"), .text("9.3.2"), own],
            [
                .text("Adequacy of resources: availability of measurement"), .text("9.3 e"), .text("9.3.2"),
                link("quality", "Quality of the data"),
            ],
            [.text("Communications and complaints"), .text("9.3 f"), .text("9.3.2"), own],
            [.text("Opportunities for improvement"), .text("9.3 g"), .text("9.3.2"), own],
            [
                .text("Energy: indicators against baseline, deviations"), .text("ISO 50001 9.3"),
                .text("ISO 50001 9.3"), link("energy", "Energy"),
            ],
        ]
        page.table(
            "Where each input stands", ["Input", "ISO 14001:2015", "ISO 14001:2026", "Here"], rows, nothing: "")
    }
}

/// What this report leans on, and the commands that check it.
enum VerifySection {
    static func write(_ figures: ReportFigures, _ page: inout HTMLText) throws {
        let head = try figures.journalHead()
        page.element("p", "Every number here comes from the record, whose journal is a chain of SHA-256 digests.")
        page.raw(
            "<dl><dt>Configuration in force</dt><dd><code>\(HTMLText.escaped(figures.record.plantSummary.digest))</code></dd>"
        )
        page.raw(
            "<dt>Journal</dt><dd>\(head.seq) lines, last digest <code>\(HTMLText.escaped(head.hash))</code></dd></dl>\n"
        )
        if let signed = try figures.reader.heads().last(where: { $0.time <= figures.now }) {
            page.element("p", "Newest signed head, of \(ReportText.time(signed.time, figures)):")
            page.raw("<pre>\(HTMLText.lines(signed.note))</pre>\n")
        } else {
            page.element("p", "No head of the journal was signed: 'emsctl audit init' makes a key.", class: "t-warning")
        }
        page.raw(
            "<p>Check the record: <code>emsctl audit verify</code>. Follow a number: <code>emsctl indicators NAME --since DATE</code>, "
        )
        page.raw("<code>emsctl readings POINT --since DATE</code>, <code>emsctl nc show ID --all</code>. ")
        page.raw("This file's own digest (<code>sha256sum</code>) stands in the journal where a daemon made it: ")
        page.raw("<code>emsctl journal --type report.made</code>.</p>\n")
    }
}

import Charts
import Foundation
import Listings
import Metering
import PlantAPI
import Storage

/// The pages on the gateway: the plant at a glance, and from each objective down to the readings. They only read.
package struct PlantPages {
    private let record: PlantRecord
    private let now: Instant
    /// Takes a number apart in words: an indicator at a time, or a nonconformity.
    private let explain: (_ subject: String, _ at: String?) throws -> String

    /// The pages of a record as seen at `now`.
    package init(
        _ record: PlantRecord, now: Instant, explain: @escaping (_ subject: String, _ at: String?) throws -> String
    ) {
        (self.record, self.now, self.explain) = (record, now, explain)
    }

    /// What the pages may load: their own style and script, nothing from elsewhere.
    package static let contentSecurityPolicy =
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; "
        + "form-action 'none'; frame-ancestors 'none'"

    /// Puts the newest state of the page in its place every five seconds, and says when no answer comes.
    package static let script = """
        "use strict";
        let last = Date.now();
        async function renew() {
          try {
            const answer = await fetch(location.href, {cache: "no-store"});
            if (!answer.ok) throw new Error(answer.status);
            const page = new DOMParser().parseFromString(await answer.text(), "text/html");
            const open = [...document.querySelectorAll("details[open]")].map(d => d.id);
            document.querySelector("main").replaceWith(page.querySelector("main"));
            for (const id of open) { const d = document.getElementById(id); if (d) d.open = true; }
            last = Date.now();
          } catch (fault) {}
          const late = document.getElementById("late");
          late.hidden = Date.now() - last < 12000;
          late.textContent = "no answer from emsd since " + new Date(last).toLocaleTimeString();
          setTimeout(renew, 5000);
        }
        setTimeout(renew, 5000);

        """

    /// The page at a path such as `/`, `/indicator/NAME`, `/point/NAME`, `/objective/NAME`, `/nc/ID`; nil where there is none.
    ///
    /// `hours` is how far back charts go.
    package func page(_ path: [String], hours: Int) throws -> String? {
        let span = min(max(hours, 1), 24 * 366)
        switch (path.first ?? "", path.dropFirst().first, path.count) {
        case ("", nil, ...1): return try overview()
        case ("indicator", let name?, 2): return try chart(name, .indicator, span)
        case ("objective", let name?, 2): return try chart(name, .objective, span)
        case ("point", let name?, 2): return try chart(name, .point, span)
        case ("nc", let id?, 2): return try nonconformity(id)
        case ("explain", let subject?, 2): return try explanation(subject, nil)
        case ("explain", let subject?, 3): return try explanation(subject, path[2])
        default: return nil
        }
    }

    private enum Kind { case indicator, objective, point }

    // MARK: The plant

    private func overview() throws -> String {
        let status: StatusDocument = try decoded(ListingQuery(.status))
        let rows: OverviewDocument = try decoded(ListingQuery(.overview))
        var body = HTMLText()
        body.element("p", status.headline, class: status.isInOrder ? "verdict" : "verdict bad")
        body.table(
            "What is wrong, the worst first", isStacked: true, ["What", "By how much", "Since", "Next"],
            status.findings.map { finding in
                [
                    .raw(linked(finding.what)), .text(finding.amount ?? "–"), .text(local(finding.since)),
                    .raw("<code>\(HTMLText.escaped(finding.next))</code>"),
                ]
            }, nothing: "Nothing is wrong.")
        body.element("h2", "Indicators")
        body.table(
            "The newest closed window, the open one, and the way to the limit", isStacked: true,
            ["Indicator", "Value", "Until", "Open window", "Limit", "", "Verdict"], rows.indicators.map(row),
            nothing: "No indicators are configured.")
        body.element("h2", "Links")
        body.table(
            "How each is reached", ["Link", "State", "Polls", "Answered"],
            status.links.map { link in
                let state: Cell =
                    link.down
                    ? .toned(link.cause ?? "down", "bad") : .text(link.connected ? "connected" : "not connected")
                return [.text(link.link), state, .number("\(link.polls)"), .number("\(link.answers)")]
            }, nothing: "No daemon runs beside this record.")
        let points = status.points
        body.element(
            "p",
            "\(points.good) points good, \(points.uncertain) uncertain, \(points.bad) bad, \(points.silent) without a reading."
        )
        return page(status.site, body)
    }

    private func row(_ row: OverviewDocument.Row) -> [Cell] {
        let title = row.title ?? row.name
        let name = "<a href=\"/indicator/\(escapedPath(row.name))\">\(HTMLText.escaped(title))</a>"
        let bar = BulletBar(
            title: title, value: row.open ?? row.value, limit: row.limit, warning: row.warning, unit: row.unit)
        let verdict: Cell =
            row.verdict.map { word in
                let shown = word.split(separator: "_").joined(separator: " ")
                return .toned(
                    shown, word == "not_met" ? "bad" : word == "warning" ? "warning" : word == "met" ? "met" : "quiet")
            } ?? .text("–")
        return [
            .raw(name), .number(ReportText.amount(row.value, row.unit)), .text(local(row.end)),
            .raw(
                "<span class=\"quiet\">\(HTMLText.escaped(row.open.map { ReportText.amount($0, row.unit) } ?? "–"))</span>"
            ),
            .number(ReportText.amount(row.limit, row.limit == nil ? nil : row.unit)), .raw(bar.svg), verdict,
        ]
    }

    // MARK: One thing

    private func chart(_ name: String, _ kind: Kind, _ hours: Int) throws -> String {
        let chart = try record.read { reader in
            let start = max(now - Int64(hours) * 3_600_000, try reader.recordStart() ?? .distantPast)
            let stretch = Window(start: min(start, now - 1), end: now)
            return try ChartSource(record, reader, now: now).chart(named: name, in: stretch)
        }
        var body = HTMLText()
        body.raw("<p><a href=\"/\">The plant</a></p>")
        body.element("h1", chart.title)
        let spans = [(1, "hour"), (24, "day"), (168, "week"), (720, "30 days"), (8760, "year")].map { span, word in
            span == hours ? "<strong>\(word)</strong>" : "<a href=\"?hours=\(span)\">\(word)</a>"
        }
        body.raw("<p>The last \(spans.joined(separator: " · "))</p>")
        let rows = chart.samples.suffix(48).reversed().map { sample -> [Cell] in
            let marks = [
                (sample.isProvisional, "still open"), (sample.isSuspect, "suspect"), (sample.isUncertain, "uncertain"),
                (sample.isRevised, "revised"),
            ]
            let doubt = marks.first(where: \.0)?.1 ?? ""
            // A moment in, so that the window is meant and not the one before it.
            let inside = Instant(milliseconds: sample.window.start.milliseconds + 1).text
            let start = HTMLText.escaped(local(sample.window.start))
            let from =
                kind == .indicator && !sample.isProvisional
                ? "<a href=\"/explain/\(escapedPath(name))/\(escapedPath(inside))\">\(start)</a>" : start
            return [
                .raw(from), .text(local(sample.window.end)),
                .number(ReportText.amount(sample.mean, chart.unit)), .text(doubt),
            ]
        }
        body.figure(
            chart.svg(calendar: record.calendar),
            "\(chart.title); the last \(rows.count) of \(chart.samples.count) values below",
            ["From", "To", "Value", ""], rows)
        try drill(name, kind, &body)
        return page(chart.title, body)
    }

    /// What the number is made of, one step further down.
    private func drill(_ name: String, _ kind: Kind, _ body: inout HTMLText) throws {
        guard let plant = record.plant else {
            return body.element(
                "p", "The configuration in force cannot be read here, so what this is made of is not shown.")
        }
        func link(_ kind: String, _ name: String) -> Cell {
            .raw("<a href=\"/\(kind)/\(escapedPath(name))\">\(HTMLText.escaped(name))</a>")
        }
        switch kind {
        case .objective:
            guard let objective = plant.objectives.first(where: { $0.name == name }) else { return }
            let indicator = plant.plan.indicators[objective.indicator].name
            body.table(
                "The objective", ["Indicator", "Reference", "Responsible"],
                [
                    [
                        link("indicator", indicator), .text(objective.reference ?? "–"),
                        .text(objective.responsible ?? "–"),
                    ]
                ],
                nothing: "")
        case .indicator:
            guard let index = plant.plan.indicators.firstIndex(where: { $0.name == name }) else { return }
            let indicator = plant.plan.indicators[index]
            body.raw("<h2>How it is made</h2><p><code>\(HTMLText.escaped(indicator.formulaText))</code></p>")
            let judged = plant.objectives.filter { $0.indicator == index }
            body.table(
                "Objectives that judge it", ["Objective", "Title"],
                judged.map { [link("objective", $0.name), .text($0.title ?? "–")] }, nothing: "No objective judges it.")
            let parts = indicator.points.map { plant.plan.points[Int($0)].name }
            let others = indicator.indicators.map { plant.plan.indicators[$0] }.filter { !$0.isHidden }.map(\.name)
            body.table(
                "What it is made of", ["Part"],
                parts.map { [link("point", $0)] } + others.map { [link("indicator", $0)] },
                nothing: "It is made of nothing that is measured.")
        case .point:
            let meter = name.split(separator: ".").first.map(String.init) ?? ""
            guard let own = record.plantSummary.meters.first(where: { $0.name == meter }) else { return }
            body.table(
                "Where it is read", ["Meter", "Title", "Link", "Unit"],
                [[.text(own.name), .text(own.title ?? "–"), .text(own.link), .number("\(own.unit)")]], nothing: "")
        }
    }

    private func nonconformity(_ id: String) throws -> String {
        var query = ListingQuery(.nonconformities, name: id, format: .table)
        query.showsAll = false
        var story: [UInt8] = []
        _ = try record.answer(query, now: now) { story += $0 }
        var body = HTMLText()
        body.raw("<p><a href=\"/\">The plant</a></p>")
        body.element("h1", id)
        body.raw("<pre>\(HTMLText.lines(String(decoding: story, as: UTF8.self)))</pre>")
        body.raw("<p><a href=\"/explain/\(escapedPath(id))\">Its peak, down to the readings</a></p>")
        return page(id, body)
    }

    private func explanation(_ subject: String, _ at: String?) throws -> String {
        var body = HTMLText()
        body.raw("<p><a href=\"/\">The plant</a></p>")
        body.element("h1", "\(subject), taken apart")
        body.raw("<pre>\(HTMLText.lines(try explain(subject, at)))</pre>")
        return page(subject, body)
    }

    // MARK: Words

    private func page(_ title: String, _ body: HTMLText) -> String {
        var page = HTMLText()
        page.raw("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
        page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
        page.element("title", "\(title): emsd")
        page.raw(
            "<link rel=\"icon\" href=\"data:,\"><link rel=\"stylesheet\" href=\"/style.css\"><script src=\"/live.js\" defer></script></head>\n"
        )
        page.raw("<body><p id=\"late\" class=\"verdict bad\" role=\"status\" hidden></p>\n<main>\n")
        page.raw(body.text)
        page.raw(
            "<p class=\"quiet\">As of \(HTMLText.escaped(record.calendar.text(Instant(milliseconds: now.milliseconds / 1000 * 1000)))); only for reading.</p>"
        )
        page.raw("</main></body></html>\n")
        return page.text
    }

    private func decoded<T: Decodable>(_ query: ListingQuery) throws -> T {
        var bytes: [UInt8] = []
        _ = try record.answer(query, now: now) { bytes += $0 }
        return try JSONDecoder().decode(T.self, from: Data(bytes))
    }

    private func local(_ text: String?) -> String { text.flatMap(Instant.init).map(local) ?? "–" }

    private func local(_ instant: Instant) -> String {
        let day = record.calendar.date(instant)
        let clock = ChartText.clock(instant, record.calendar)
        return day == record.calendar.date(now) ? clock : "\(ChartText.day(day)) \(clock)"
    }

    /// The text with the number of a nonconformity, or the name of a point, as a link.
    private func linked(_ what: String) -> String {
        what.split(separator: " ", omittingEmptySubsequences: false).map { word -> String in
            let name = word.trimmingSuffix { ":,".contains($0) }
            let rest = HTMLText.escaped(String(word.dropFirst(name.count)))
            if name.hasPrefix("NC-") {
                return "<a href=\"/nc/\(escapedPath(String(name)))\">\(HTMLText.escaped(String(name)))</a>\(rest)"
            }
            return HTMLText.escaped(String(word))
        }.joined(separator: " ")
    }

    private func escapedPath(_ name: String) -> String {
        name.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(["-", "_", "."])) ?? name
    }
}

extension Substring {
    fileprivate func trimmingSuffix(while isCut: (Character) -> Bool) -> Substring {
        var end = endIndex
        while end > startIndex, isCut(self[index(before: end)]) { end = index(before: end) }
        return self[startIndex..<end]
    }
}

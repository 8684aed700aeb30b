import Conformity
import Foundation
import Listings
import ManagementSystem
import Metering
import PlantAPI
import PlantConfiguration
import Recording
import Reports
import Storage
import TestKit
import Testing

@Suite("Authorities' forms, each against one filled by hand")
struct FormTests {
    private func form(_ form: ReportRequest.Form, _ plant: ReportedPlant? = nil) throws -> AuthorityForm {
        let plant = try plant ?? ReportedPlant()
        let record = try plant.record
        let end = try #require(Instant("2026-01-11T23:00:00Z"))
        let period = try ReportPeriod(from: "2026-01-10", to: "2026-01-11", now: end, calendar: record.calendar)
        return try AuthorityForm(form, record, period, now: end)
    }

    @Test("us-60.7d: 2 hours of excess and 1 hour of downtime in 48 hours, and the list that these demand")
    func us() throws {
        let tables = try form(.us).tables
        #expect(
            tables[0].rows == [
                ["Pollutant", "NOx"], ["Reporting period", "10 Jan 2026 to 11 Jan 2026"],
                ["Company", "Works <b>&co</b>"],
                ["Emission limitation", "200 mg/m3"], ["Total source operating time", "48.0 h"],
            ])
        #expect(
            tables[1].rows == [
                ["(a) start-up/shut-down", "0.0"], ["(b) control equipment problems", "0.0"],
                ["(c) process problems", "0.0"],
                ["(d) other known causes", "0.0"], ["(e) unknown causes", "2.0"], ["Total", "2.0"],
                ["Total × 100 / total source operating time", "4.2 %"],
            ])
        #expect(
            tables[2].rows == [
                ["(a) monitor equipment malfunctions", "0.0"], ["(b) non-monitor equipment malfunctions", "0.0"],
                ["(c) quality assurance calibration", "0.0"], ["(d) other known causes", "0.0"],
                ["(e) unknown causes", "1.0"],
                ["Total", "1.0"], ["Total × 100 / total source operating time", "2.1 %"],
            ])
        #expect(
            tables[3].rows == [
                ["10 Jan 2026 02:00", "10 Jan 2026 04:00", "250 mg/m3", "unknown", "–", "NC-2026-0001"]
            ])
        #expect(tables[4].rows == [["10 Jan 2026 05:00", "10 Jan 2026 06:00", "–", "unknown", "–", "–"]])
    }

    @Test("us-60.7d: hours stand where the cause's code says, also of an hour that only a person told of")
    func coded() throws {
        let plant = try ReportedPlant()
        let raised = try plant.tell { recorder, now in
            let since = try #require(Instant("2026-01-10T04:00:00Z"))
            let finding = RaisedFinding(title: "Span check", source: .other, objective: "nox_permit")
            let step = LifecycleStep(.raise, by: "anna", at: now, text: "with bottle 12")
            let raised = try recorder.raise(
                finding, .minor, since: since, until: since + 3_600_000, step, now: now)
            for (id, code) in [("NC-2026-0001", CauseCode.controlEquipment), (raised, .qualityAssurance)] {
                for kind in [LifecycleStep.Kind.acknowledge, .cause] {
                    var step = LifecycleStep(kind, by: "anna", at: now, text: "said", category: .equipment)
                    step.code = kind == .cause ? code : nil
                    try recorder.take(step, of: id, hasSingleOperator: false, now: now)
                }
            }
            return raised
        }
        let tables = try form(.us, plant).tables
        #expect(tables[1].rows.map { $0[1] } == ["0.0", "2.0", "0.0", "0.0", "0.0", "2.0", "4.2 %"])
        #expect(tables[2].rows.map { $0[1] } == ["0.0", "0.0", "1.0", "0.0", "0.0", "1.0", "2.1 %"])
        #expect(tables[3].rows.map { $0[3] } == ["control-equipment"])
        #expect(tables[4].rows.map { [$0[3], $0[5]] } == [["quality-assurance", raised]])
        let kpi = try plant.kpi()
        #expect(kpi.contains { $0.hasPrefix("cause,equipment,2,") }, "\(kpi)")
        #expect(kpi.contains { $0.hasPrefix("code,control-equipment,1,") }, "\(kpi)")
        #expect(try plant.html().contains("<td>equipment</td><td>control-equipment</td><td class=\"n\">1</td>"))
    }

    @Test("a code of lost measurement does not explain an excess, and what does is named")
    func wrongCode() throws {
        let plant = try ReportedPlant()
        try plant.tell { recorder, now in
            try recorder.take(
                LifecycleStep(.acknowledge, by: "anna", at: now, text: "seen"), of: "NC-2026-0001",
                hasSingleOperator: false, now: now)
            var step = LifecycleStep(.cause, by: "anna", at: now, text: "said", category: .measurement)
            step.code = .qualityAssurance
            let refusal = #expect(throws: CommandError.self) {
                try recorder.take(step, of: "NC-2026-0001", hasSingleOperator: false, now: now)
            }
            #expect(refusal?.status == .badInput)
            #expect(refusal?.message.contains("--code is one of startup-shutdown, control-equipment,") == true)
        }
    }

    @Test("de-classes: every half-hour is in one class, a value at an edge in the one below, and their sum is S6")
    func germany() throws {
        let table = try #require(try form(.germany).tables.first)
        let numbers = Dictionary(table.rows.map { ($0[0], $0[2]) }) { first, _ in first }
        let expected = ["M10": "82", "M19": "8", "S1": "4", "S8": "2", "S6": "96", "TS3": "0", "Check": "yes"]
        for (name, number) in expected { #expect(numbers[name] == number, "\(name)") }
        for number in 1...20 where ![10, 19].contains(number) { #expect(numbers["M\(number)"] == "0") }
        #expect(table.rows[9][1] == "up to 100" && table.caption == "NOx: limit 200 mg/m3")
    }

    @Test("ied-waste: above A, above B, and the share up to B against 97 %")
    func waste() throws {
        let table = try #require(try form(.waste).tables.first)
        #expect(
            table.rows == [
                ["NOx", "240 mg/m3", "200 mg/m3", "94", "4", "4", "95.7 %", "0", "not met"]
            ])
    }

    @Test("limits that are the tiers of one objective stand in the forms like those of two")
    func tiers() throws {
        let tiers =
            "  nox: {indicator: nox_half_hour, percentile: [{share: 97%, max: 180}, {share: 100%, max: 300}], per: 1y}"
        let plant = try ReportedPlant(objectives: tiers)
        #expect(
            try form(.waste, plant).tables.first?.rows == [
                ["NOx", "300 mg/m3", "180 mg/m3", "94", "0", "12", "87.2 %", "0", "met"]
            ])
        // No half-hour above 300 is above the limit of the classes.
        let classes = try form(.germany, plant).tables
        #expect(classes.count == 1 && classes[0].caption == "nox: limit 300 mg/m3")
        #expect(classes[0].rows.contains(["S1", "above the limit", "0"]))
        #expect(try form(.us, plant).tables[1].rows[5] == ["Total", "0.0"])
    }
}

@Suite("The report")
struct ManagementReportTests {
    @Test("is one file that needs nothing else, the same bytes for the same record")
    func whole() throws {
        let plant = try ReportedPlant()
        let html = try plant.html()
        #expect(try plant.html() == html)
        #expect(html.hasPrefix("<!DOCTYPE html>") && html.hasSuffix("</html>\n"))
        let addresses = html.replacing("http://www.w3.org/2000/svg", with: "")
        #expect(!addresses.contains("http:") && !addresses.contains("https:") && !html.contains("<script"))
        #expect(html.contains("default-src 'none'"))
        #expect(html.contains("Works &lt;b&gt;&amp;co&lt;/b&gt;") && !html.contains("<b>&co"))
    }

    @Test("answers first, then stands in the order in which managers read")
    func order() throws {
        let html = try ReportedPlant().html()
        let verdict = try #require(
            html.range(
                of: "2 of 2 objectives were not met in some window: 2 nonconformities raised, 2 open at the end."))
        var last = verdict.lowerBound
        for id in [
            "open", "objectives", "energy", "water", "emissions", "nonconformities", "quality", "calibration",
            "changes",
            "register", "review", "verify",
        ] {
            let place = try #require(html.range(of: "<section id=\"\(id)\""), "\(id)")
            #expect(place.lowerBound > last)
            last = place.lowerBound
        }
    }

    @Test(
        "the checks of the meters and what they put in doubt stand under calibration, the register's holes under register"
    )
    func calibration() throws {
        let plant = try ReportedPlant()
        #expect(try plant.html().contains("No check of a meter is on record for this period."))
        let loaded = try #require(PlantLoader.load(path: plant.folder.file("emsd.yaml")).plant)
        let store = try PlantStore(directory: plant.folder.file("db"), access: .owner(create: false, sync: .normal))
        let recorder = Recorder(store: store, plant: loaded, isLive: false)
        try recorder.start()
        let date = try #require(Instant("2026-01-10T11:00:00Z"))
        _ = try recorder.keep(
            CalibrationRecord(
                meter: "stack", date: date, due: nil, certificate: "c.pdf", digest: nil, asFound: .fail, by: "anna",
                at: date), now: date)
        try store.close()
        let html = try plant.html()
        #expect(html.contains("<td>stack</td><td>2026-01-10</td><td class=\"t-bad\">fail</td>"))
        // From 00:00 to 12:00 local, of both objectives.
        #expect(html.contains("<td class=\"t-warning\">24</td>") && html.contains("96, 24 suspect"))
        #expect(html.contains("No register of policy, aspects and obligations is kept in the configuration."))
    }

    @Test("every chart has its table, a title and a description")
    func tables() throws {
        let html = try ReportedPlant().html()
        let figures = html.split(separator: "<figure>").dropFirst()
        // A calendar for each objective, heat map and load curve of electricity, the classes of NOx.
        #expect(figures.count == 5)
        for figure in figures {
            #expect(figure.contains("<details>") && figure.contains("<table>") && figure.contains("<desc>"))
        }
    }

    @Test("its numbers are those that are counted by hand")
    func numbers() throws {
        let html = try ReportedPlant().html()
        // 48 hours of 6 kWh; the last reading is the 289th.
        #expect(html.contains("<td class=\"n\">288</td><td>kWh</td>"))
        #expect(html.contains("<td>stack.nox</td><td class=\"n\">288</td>"))
        #expect(
            html.contains(
                "<td>nox_half_hour</td><td class=\"n\">96</td><td class=\"n\">94</td><td class=\"n\">0</td><td class=\"n\">2</td>"
            ))
        #expect(
            html.contains("point incomer.energy") == false && html.contains("indicator energy_hour has no objective"))
    }

    @Test("a day named as the last one is in the period, also today", arguments: ["2026-01-10", "today"])
    func lastDay(_ to: String) throws {
        let calendar = try ReportedPlant().record.calendar
        let now = try #require(Instant("2026-01-10T12:00:00Z"))
        let period = try ReportPeriod(from: "2026-01-10", to: to, now: now, calendar: calendar)
        #expect(period.stretch.length == 86_400_000)
    }

    @Test("a period that is none is refused")
    func period() throws {
        let record = try ReportedPlant().record
        #expect(throws: CommandError.self) {
            _ = try ReportFile.bytes(ReportRequest(from: "2026-01-12", to: "2026-01-10"), record)
        }
    }
}

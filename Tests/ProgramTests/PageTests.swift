import Foundation
import Testing

/// What people see besides the tables of emsctl: pages, charts, reports.
@Suite("Pictures of a running plant", .serialized)
struct PageTests {
    private static func plant(_ port: Int, _ web: Int) -> String {
        """
        web: {listen: "127.0.0.1:\(web)"}
        links:
          hall: {transport: tcp, host: 127.0.0.1, port: \(port), timeout: 1s}
        meters:
          stack: {link: hall, unit: 7, interval: 200ms, points: {nox: {register: input 0, type: float32, unit: mg/m3, kind: gauge}}}
        indicators:
          nox_mean: {title: "NOx <i>mean</i>", window: 1s, formula: mean(stack.nox), unit: mg/m3, grace: 500ms}
        objectives:
          nox_permit: {title: NOx below the limit, indicator: nox_mean, max: 200, severity: major}

        """
    }

    private static func curl(_ arguments: String...) throws -> (code: Int32, output: String, errors: String) {
        try RunningProgram("/usr/bin/curl", ["--silent", "--max-time", "30", "--include"] + arguments).end(within: 60)
    }

    @Test("the page tells what is wrong, leads down to the readings, and changes nothing")
    func page() throws {
        let ports = try FreePort.some(2)
        let works = try LiveWorks(Self.plant(ports[0], ports[1]))
        let emsim = try works.simulate("signals: {stack.nox: 250}\n")
        try works.start()
        try eventually("a nonconformity") { try works.view.rows("nc", "list").isEmpty == false }
        let address = "http://127.0.0.1:\(ports[1])"
        let page = try Self.curl("\(address)/").output
        #expect(page.hasPrefix("HTTP/1.1 200") && page.contains("NOT in order") && page.contains("href=\"/nc/NC-"))
        #expect(page.contains("NOx &lt;i&gt;mean&lt;/i&gt;") && !page.contains("<i>mean"))
        let policy = try #require(
            page.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-security-policy") })
        #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe"))
        #expect(!page.contains("style=\"") && !page.contains("<style") && !page.contains("onclick"))
        for (path, text) in [
            ("/objective/nox_permit", "/indicator/nox_mean"), ("/indicator/nox_mean", "/point/stack.nox"),
            ("/point/stack.nox?hours=1", "<svg"),
            ("/nc/\(try works.view.rows("nc", "list")[0]["id"] ?? "")", "Measured"),
            ("/explain/nox_mean", "mean(stack.nox)"), ("/style.css", "prefers-color-scheme"),
            ("/live.js", "use strict"),
        ] {
            let answer = try Self.curl("\(address)\(path)").output
            #expect(answer.hasPrefix("HTTP/1.1 200") && answer.contains(text), "\(path): \(answer.prefix(400))")
        }
        #expect(try Self.curl("\(address)/indicator/none").output.hasPrefix("HTTP/1.1 404"))
        #expect(try Self.curl("\(address)/v1/points").output.hasPrefix("HTTP/1.1 404"))
        #expect(try Self.curl("-X", "POST", "\(address)/v1/reload").output.hasPrefix("HTTP/1.1 405"))
        // A page from elsewhere that makes a browser ask here names its own host.
        #expect(try Self.curl("-H", "Host: evil.example", "\(address)/").output.hasPrefix("HTTP/1.1 404"))
        let socket = try Self.curl("--unix-socket", works.place.file("emsd.sock"), "http://localhost/").output
        #expect(socket.hasPrefix("HTTP/1.1 200") && socket.contains("NOT in order"))
        #expect(try works.stop().code == 0)
        emsim.terminate()
    }

    @Test(
        "in a browser the page renews itself and nothing of it is complained of, and a report is printed",
        .enabled(if: Browser.path != nil, Browser.isMissing))
    func browser() throws {
        let ports = try FreePort.some(2)
        let works = try LiveWorks(Self.plant(ports[0], ports[1]))
        let emsim = try works.simulate("signals: {stack.nox: 250}\n")
        try works.start()
        try eventually("a nonconformity") { try works.view.rows("nc", "list").isEmpty == false }
        let address = "http://127.0.0.1:\(ports[1])/"
        // A minute of its own time: without an answer in 12 s it would say so.
        let (page, complaints) = try Browser.page(at: address, after: 60_000, in: works.place)
        #expect(page.contains("NOT in order") && page.contains("<svg"), "\(page.prefix(500))")
        let late = try #require(page.split(separator: "<p id=\"late\"").last?.prefix { $0 != ">" })
        #expect(late.contains("hidden"), "\(late)")
        #expect(complaints.isEmpty, "\(complaints)")
        let file = works.place.file("report.html")
        let made = try works.view.run(["report", "--from", "today", "--to", "now", "--output", file, "--pdf"])
        #expect(made.code == 0, "\(made)")
        let pdf = try Data(contentsOf: URL(fileURLWithPath: works.place.file("report.pdf")))
        #expect(pdf.starts(with: Data("%PDF-".utf8)) && pdf.count > 10_000)
        #expect(try works.stop().code == 0)
        emsim.terminate()
    }

    @Test(
        "report, forms and pages are valid HTML", .enabled(if: Browser.program("tidy") != nil, "tidy is not installed"))
    func valid() throws {
        let ports = try FreePort.some(2)
        let works = try LiveWorks(Self.plant(ports[0], ports[1]))
        let emsim = try works.simulate("signals: {stack.nox: 250}\n")
        try works.start()
        let id = try eventually("a nonconformity") { try works.view.rows("nc", "list").first?["id"] }
        let file = works.place.file("page.html")
        for form in [nil, "us-60.7d", "de-classes", "ied-waste"] {
            let options = form.map { ["--form", $0] } ?? []
            let made = try works.view.run(["report", "--from", "today", "--to", "now", "--output", file] + options)
            #expect(made.code == 0, "\(made)")
            #expect(try Browser.faults(in: file).isEmpty, "\(form ?? "report")")
        }
        for path in [
            "", "objective/nox_permit", "indicator/nox_mean", "point/stack.nox", "nc/\(id)", "explain/nox_mean",
        ] {
            let page = try RunningProgram(
                "/usr/bin/curl", ["--silent", "--max-time", "30", "http://127.0.0.1:\(ports[1])/\(path)"]
            ).end(within: 60).output
            try works.place.write("page.html", page)
            #expect(try Browser.faults(in: file).isEmpty, "/\(path)")
        }
        #expect(try works.stop().code == 0)
        emsim.terminate()
    }

    @Test("a report's SHA-256 is in the journal, and a chart is a picture in a file and numbers in a pipe")
    func report() throws {
        let ports = try FreePort.some(2)
        let works = try LiveWorks(Self.plant(ports[0], ports[1]))
        let emsim = try works.simulate("signals: {stack.nox: 250}\n")
        try works.start()
        try eventually("a nonconformity") { try works.view.rows("nc", "list").isEmpty == false }
        let file = works.place.file("report.html")
        let made = try works.view.run(["report", "--from", "today", "--to", "now", "--output", file])
        #expect(made.code == 0 && made.output.isEmpty, "\(made)")
        let digest = try RunningProgram("/usr/bin/sha256sum", [file]).end().output.prefix(64)
        let journal = try works.view.run(["journal", "--type", "report.made", "--format", "json"]).output
        #expect(journal.contains(digest), "\(journal)")
        #expect(works.place.read("report.html").contains("1 of 1 objectives were not met"))
        let numbers = try works.view.run(["plot", "nox_mean"])
        #expect(
            numbers.output.hasPrefix("start,end,minimum,mean,maximum,unit,quality\n")
                && numbers.output.contains(",250,"))
        let both = try works.view.run(["plot", "nox_mean", "stack.nox", "--format", "json"]).output
        let rows = try JSONSerialization.jsonObject(with: Data(both.utf8)) as? [[String: Any]] ?? []
        #expect(Set(rows.compactMap { $0["name"] as? String }) == ["nox_mean", "stack.nox"], "\(both)")
        #expect(try works.view.run(["plot", "nox_mean", "--output", works.place.file("p.svg")]).code == 0)
        #expect(works.place.read("p.svg").hasPrefix("<svg") && works.place.read("p.svg").contains("limit 200"))
        let picture = try works.view.run(["plot", "nox_mean", "--output", works.place.file("p.png")])
        if Browser.program("rsvg-convert") != nil {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: works.place.file("p.png")))
            #expect(picture.code == 0 && bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]), "\(picture)")
        } else {
            #expect(picture.code == 73 && picture.errors.contains("librsvg2-bin"), "\(picture)")
        }
        let drawn = try works.view.run(["plot", "stack.nox", "--format", "table"]).output
        #expect(drawn.contains("stack.nox in mg/m3; lowest 250, highest 250"))
        #expect(try works.view.run(["plot", "nox_maen"]).errors.contains("did you mean 'nox_mean'"))
        #expect(try works.stop().code == 0)
        emsim.terminate()
    }
}

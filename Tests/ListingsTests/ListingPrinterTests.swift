import Foundation
import Listings
import Metering
import PlantAPI
import Testing

@Suite("Listings")
struct ListingPrinterTests {
    private func print(_ format: ListingFormat, _ rows: [[ListingValue]]) throws -> String {
        let calendar = try #require(SiteCalendar(identifier: "Europe/Stockholm"))
        var text = ""
        let columns = [
            ListingColumn("name"), ListingColumn("time"), ListingColumn("value", .number),
            ListingColumn("share", .share), ListingColumn("flags"),
        ]
        var printer = ListingPrinter(columns: columns, format: format, calendar: calendar) {
            text += String(decoding: $0, as: UTF8.self)
        }
        for row in rows { try printer.row(row) }
        try printer.end(nothing: "nothing here")
        return text
    }

    private let rows: [[ListingValue]] = [
        [
            .text("a,\"b\""), .time(Instant(milliseconds: 1_774_742_400_500)), .number(0.1), .number(2.0 / 3),
            .words(["x", "y"]),
        ],
        [.text("c"), .time(Instant(milliseconds: 1_774_742_400_000)), .number(200), .none, .words([])],
        [.none, .none, .none, .number(1), .none],
    ]

    @Test("CSV has a header, empty fields for nothing, UTC, shortest numbers, flags joined by a blank")
    func csv() throws {
        #expect(
            try print(.csv, rows) == """
                name,time,value,share,flags
                "a,""b\""",2026-03-29T00:00:00.500Z,0.1,0.6666666666666666,x y
                c,2026-03-29T00:00:00Z,200,,
                ,,,1,

                """)
        #expect(try print(.csv, []) == "name,time,value,share,flags\n")
    }

    @Test("JSON is one array of objects with the columns as keys, null for nothing, flags as an array")
    func json() throws {
        #expect(
            try print(.json, rows) == """
                [
                {"name":"a,\\"b\\"","time":"2026-03-29T00:00:00.500Z","value":0.1,"share":0.6666666666666666,"flags":["x","y"]},
                {"name":"c","time":"2026-03-29T00:00:00Z","value":200,"share":null,"flags":[]},
                {"name":null,"time":null,"value":null,"share":1,"flags":null}
                ]

                """)
        #expect(try print(.json, []) == "[]\n")
    }

    @Test("tables are aligned, in local time with its offset, numbers at the right")
    func table() throws {
        #expect(
            try print(.table, rows) == """
                name   time                           value    share  flags
                a,"b"  2026-03-29T01:00:00.500+01:00    0.1   66.7 %  x y
                c      2026-03-29T01:00:00+01:00        200        -  -
                -      -                                  -  100.0 %  -

                """)
        #expect(try print(.table, []) == "nothing here\n")
    }

    @Test(
        "texts are one line of a table, one field of CSV that no spreadsheet computes, and raw in JSON",
        arguments: [
            ("a\u{1B}[2J\nb", "a\\u001b[2J\\nb", "\"a\\u001b[2J\nb\"", "a\\u001b[2J\\nb"),
            ("=1+1", "=1+1", "\"'=1+1\"", "=1+1"), ("+1", "+1", "\"'+1\"", "+1"),
            ("-x,\"", "-x,\"", "\"'-x,\"\"\"", "-x,\\\""),
            ("@a", "@a", "\"'@a\"", "@a"), ("\t=1", "\\t=1", "\"'\t=1\"", "\\t=1"),
            ("\r=1", "\\r=1", "\"'\r=1\"", "\\r=1"),
            ("-", "-", "-", "-"), ("a=1", "a=1", "a=1", "a=1"), ("\u{9B}", "\\u009b", "\\u009b", "\\u009b"),
        ])
    func hostileTexts(raw: String, shown: String, csv: String, json: String) throws {
        let row: [[ListingValue]] = [[.text(raw), .none, .number(-1.5), .none, .words([])]]
        #expect(try print(.table, row).split(separator: "\n").last?.hasPrefix(shown + " ") == true)
        #expect(try print(.csv, row) == "name,time,value,share,flags\n\(csv),,-1.5,,\n")
        #expect(try print(.json, row).contains("{\"name\":\"\(json)\","))
    }

    @Test("a long table keeps the widths of its first thousand rows and loses none")
    func longTable() throws {
        let rows: [[ListingValue]] = (0..<2500).map { [.text("p\($0)"), .none, .number(Double($0)), .none, .none] }
        let lines = try print(.table, rows).split(separator: "\n")
        #expect(lines.count == 2501)
        #expect(lines[2500].hasPrefix("p2499"))
    }

    @Test(
        "numbers for people have at most seven significant digits",
        arguments: [
            (0.1, "0.1"), (183.333333333, "183.3333"), (48210.77, "48210.77"), (1e6, "1000000"), (-2.5, "-2.5"),
            (1.0 / 3, "0.3333333"),
        ])
    func rounded(number: Double, text: String) { #expect(ListingText.rounded(number) == text) }

    @Test(
        "ages are told in the largest unit that leaves at least two of it",
        arguments: [(0.25, "0.2 s"), (9.94, "9.9 s"), (75, "75 s"), (185, "3 min"), (7300, "2 h"), (259_200, "3 d")])
    func age(seconds: Double, text: String) { #expect(ListingText.age(seconds) == text) }

    @Test(
        "an query survives its way through a request's address",
        arguments: [
            ListingQuery(.status),
            ListingQuery(.readings, name: "stack.nox", since: "-24h", until: "2026-11-01T00:00:00+01:00"),
            ListingQuery(.indicators, name: "a b&c=å", provisional: true, revisions: true, format: .csv),
            ListingQuery(.ledger, format: .table),
        ])
    func target(query: ListingQuery) throws {
        let parts = query.target.split(separator: "?", maxSplits: 1)
        #expect(parts[0] == "/v1/\(query.listing.rawValue)")
        let items = parts.count < 2 ? [] : parts[1].split(separator: "&")
        let pairs: [(String, String)] = items.map { item in
            let pair = item.split(separator: "=", maxSplits: 1).map { String($0).removingPercentEncoding ?? "" }
            return (pair[0], pair[1])
        }
        #expect(try ListingQuery(query.listing, query: pairs) == query)
    }

    @Test("an unknown query key is a usage error")
    func unknownKey() {
        #expect(throws: CommandError(.usage, "query key 'form' is not known for points")) {
            try ListingQuery(.points, query: [("form", "csv")])
        }
    }
}

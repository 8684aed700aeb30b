import ArgumentParser
import Foundation
import Metering
import PlantAPI
import Platform
import Programs
import ReadingFiles

extension ReadingForm.Times: ExpressibleByArgument {}

/// Which of its ends the time of a stretch names.
enum StampOption: String, CaseIterable, ExpressibleByArgument {
    case start, end
}

/// `emsctl import FILE …`
struct ImportVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Takes recorded files into the running daemon, beside polling, or into a database offline.",
        discussion: """
            All files are read before anything is taken: one bad row, or a file that was cut off, and nothing is (65). What is
            stored already changes nothing; another value for the same point and time counts from now on, and closed windows are
            revised. Files are CSV, gzip'd or not, in UTF-8; `null`, `none`, `NaN`, `-`, `n/a`,
            `NA`, `#N/A`, `#NV` and an empty field are bad readings.

            A local time that the site's clock shows twice, when it is set back, is told apart by the order of the rows of its
            point; what was taken for what is said. One that it never shows is a bad row.
            """)

    @Argument(help: "CSV files, gzip'd or not.")
    var files: [String]

    @Option(help: "The point that all rows are about, where no column says so.")
    var point: String?

    @Option(
        help: """
            Which column is what, by number (from 1) or head: time=1,value=4 or value=Wirkleistung,point=2. Where the date has a \
            column of its own: date=1,time=2,value=3; a blank stands between the two for --time-format.
            """)
    var columns: String?

    @Option(help: "What stands between fields: ',' ';' or tab; as the first row shows.")
    var delimiter: String?

    @Option(
        help:
            "The decimal sign: '.' or ','. With ',' points, blanks and apostrophes may stand before each three digits.")
    var decimal = "."

    @Option(help: "What times without an offset mean: utc or local (the site's clock); offset: there are none.")
    var times = ReadingForm.Times.offset

    @Option(
        help: """
            How times are written, e.g. 'dd.MM.yyyy HH:mm': yyyy yy MM M dd d HH H (24:00 is the day's end) hh h with a (AM, PM) \
            mm m ss s SSS, X for an offset, letters between quotes.
            """)
    var timeFormat: String?

    @Option(help: "Of use per interval: whether the times are each stretch's start or its end; as the point says.")
    var stamp: StampOption?

    @Option(help: "Lines to pass over before the first row.")
    var skipLines = 0

    @Flag(
        help:
            "Says rows that cannot be read and goes on; where point and time can be read they are bad readings (unreadable)."
    )
    var skipBadRows = false

    @Flag(help: "Only shows what would be taken: the first rows, and a summary of each point.")
    var dryRun = false

    @Option(help: "Why; it stands in the journal.")
    var reason: String?

    @OptionGroup var plant: PlantOptions

    func validate() throws {
        guard decimal == "." || decimal == "," else { throw ValidationError("--decimal is '.' or ','") }
        guard skipLines >= 0 else { throw ValidationError("--skip-lines is a number of lines") }
        if dryRun { return }
        guard let reason, !reason.allSatisfy(\.isWhitespace) else {
            throw ValidationError("an import needs --reason, which stands in the journal; or --dry-run to look first")
        }
    }

    func run() async throws {
        let target: any ImportTarget =
            if let database = plant.database { try OfflineImport(directory: database) } else {
                DaemonImport(daemon: try plant.daemon(for: "import"))
            }
        guard let names = PointNames(try await target.place()) else {
            throw CommandError(.inputOutput, "the daemon's zone cannot be understood: use the emsctl of its version")
        }
        let form = try form(
            latest: plant.database == nil ? Instant(milliseconds: WallClock.milliseconds()) : nil)
        var preview = ImportPreview(names)
        try read(form, names) { preview.take($0) }
        if dryRun { return try StandardStreams.output(lines: preview.lines) }
        let summary = try await target.take(
            ImportOrder(files: files, form: form, skipsBadRows: skipBadRows, reason: reason ?? ""), names)
        try StandardStreams.output(
            Array("\(preview.count) readings of \(preview.points) points were read, \(summary)\n".utf8))
    }

    private func form(latest: Instant?) throws -> ReadingForm {
        var form = ReadingForm()
        if let columns {
            guard let found = ReadingForm.columns(columns) else {
                throw CommandError(
                    .usage,
                    "--columns '\(columns)' is not like time=1,value=4: fields are time, point, value, quality, reason")
            }
            form.columns = found
        }
        switch delimiter {
        case nil: break
        case "tab", "\t", "\\t": form.delimiter = 9
        case let sign? where sign.utf8.count == 1 && sign != "\"": form.delimiter = sign.utf8.first
        case let sign?: throw CommandError(.usage, "--delimiter '\(sign)' is not one sign: ',' ';' or tab")
        }
        form.hasDecimalComma = decimal == ","
        form.point = point
        form.times = times
        if let timeFormat {
            guard let pattern = TimePattern(timeFormat) else {
                throw CommandError(
                    .usage,
                    "--time-format '\(timeFormat)' is not like 'dd.MM.yyyy HH:mm': emsctl help import lists the letters"
                )
            }
            guard pattern.hasOffset || times != .offset else {
                throw CommandError(
                    .usage, "--time-format '\(timeFormat)' has no offset: say --times utc or --times local")
            }
            form.timePattern = pattern
        }
        form.isStampedAtStart = stamp.map { $0 == .start }
        form.skippedLines = skipLines
        form.latest = latest
        return form
    }

    /// Reads all files, and says what cannot be read and what means two instants.
    private func read(_ form: ReadingForm, _ names: PointNames, _ take: ([Reading]) -> Void) throws {
        do throws(ReadingFileFault) {
            for path in files {
                let file = try ReadingFile(path: path, form: form, names: names, skipsBadRows: skipBadRows) {
                    StandardStreams.complain($0.description)
                }
                var readings: [Reading] = []
                while try file.read(8192, into: &readings) {
                    take(readings)
                    readings.removeAll(keepingCapacity: true)
                }
                take(readings)
                if let remark = file.remark { StandardStreams.complain(remark) }
            }
        } catch {
            throw CommandError(error.isInput ? .badInput : .inputOutput, error.description)
        }
    }
}

/// `emsctl enter POINT VALUE`
struct EnterVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enter",
        abstract: "Enters a figure that a person read off: a reading like any other, with who and why in the journal.",
        discussion:
            "A figure for a time before the newest reading revises what it touches. Entered once more for the same time, the "
            + "later one counts.")

    @Argument(help: "The point, e.g. gas.index.")
    var point: String

    @Argument(help: "The value, in the point's unit; a negative one behind --.")
    var value: Double

    @Option(
        parsing: .unconditional,
        help: "When it was read: 2026-11-01T06:00:00+01:00, 2026-11-01 (local midnight), -2h; now.")
    var time: String?

    @Option(help: "good or uncertain.")
    var quality = "good"

    @Option(help: "Who read it and why it is entered; it stands in the journal.")
    var reason: String

    @OptionGroup var plant: PlantOptions

    func validate() throws {
        guard value.isFinite else { throw ValidationError("the value is a finite number") }
    }

    func run() async throws {
        let escaped =
            point.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(["-", "_", "."])) ?? point
        let request = EntryRequest(value: value, time: time, quality: quality, reason: reason)
        _ = try await plant.daemon(for: "enter")
            .post("/v1/points/\(escaped)/enter", JSONEncoder().encode(request)) { try StandardStreams.output($0) }
    }
}

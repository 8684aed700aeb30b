import ConfigurationSource
import Foundation
import Metering
import PlantConfiguration
import ReadingFiles

extension ScenarioReader {
    /// A column of a CSV file beside the scenario: seconds or instants in its first column, an empty field keeps the last value.
    func readCSV(_ field: Field, _ keys: Section) -> Track? {
        let isHeld = keys.field("shape").map { $0.word(Shape.self) == .hold } ?? true
        let repeats = keys.field("repeat").map { $0.flag() } ?? false
        let column = keys.required("column")
        guard let file = field.name("the path of a CSV file"), let column,
            let name = column.name("the name of a column")
        else {
            return nil
        }
        let directory = path.contains("/") ? path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex) + "/" : ""
        let place = file.hasPrefix("/") ? file : directory + file
        guard FileManager.default.isReadableFile(atPath: place) else {
            field.error("cannot read the file \(place)")
            return nil
        }
        do {
            let rows = try CSVLines(path: place)
            let header = try rows.next() ? rows.fields.map { rows.text(rows.trimmed($0)) } : []
            guard let wanted = header.dropFirst().firstIndex(of: name) else {
                log.error(column.mark, "\(place) has no column '\(name)'", near: name, among: header.dropFirst())
                return nil
            }
            guard let points = try readPoints(rows, column: wanted) else { return nil }
            let length = points.count > 1 ? points[points.count - 1].time + points[1].time - points[0].time : 1
            guard let track = Track(points, isHeld: isHeld, period: repeats == true ? length : nil) else {
                field.error("\(place) has no values in the column '\(name)', or its times begin before zero")
                return nil
            }
            return track
        } catch {
            field.error("\(error)")
            return nil
        }
    }

    /// The values of a column with their times; nil, and it has been said, where a row is none.
    private func readPoints(_ rows: CSVLines, column: Int) throws -> [(time: Int64, value: Double)]? {
        let source = SourceText(path: rows.path, bytes: [])
        func refuse(_ message: String) { log.error(SourceMark(source, line: rows.line, column: 1), message) }
        var points: [(time: Int64, value: Double)] = []
        var origin: Int64?
        while try rows.next() {
            let fields = rows.fields.map { rows.text(rows.trimmed($0)) }
            if fields.allSatisfy(\.isEmpty) { continue }
            guard fields.count > column, let time = time(fields[0], &origin) else {
                refuse("a row begins with seconds or an instant and has the header's columns")
                return nil
            }
            if fields[column].isEmpty { continue }
            guard let value = Double(fields[column]), value.isFinite else {
                refuse("'\(fields[column].prefix(40))' is not a number")
                return nil
            }
            if let last = points.last, last.time >= time {
                refuse("the times do not ascend")
                return nil
            }
            points.append((time, value))
        }
        return points
    }

    private func time(_ text: String, _ origin: inout Int64?) -> Int64? {
        if let seconds = Double(text), seconds.isFinite, abs(seconds) < 1e12 {
            return Int64((seconds * 1000).rounded())
        }
        guard let instant = Instant(text) else { return nil }
        let zero = origin ?? scenario.epoch?.milliseconds ?? instant.milliseconds
        origin = zero
        return instant.milliseconds - zero
    }
}

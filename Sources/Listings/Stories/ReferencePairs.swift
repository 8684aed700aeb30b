import Foundation
import ManagementSystem
import Metering
import PlantAPI
import ReadingFiles

/// Readings of an analyser beside what the reference method found, from a CSV file with the columns `reading` and
/// `reference`, and perhaps `time`; others are passed over.
package struct ReferencePairs {
    let pairs: [CalibrationFunction.Pair]
    /// The days of the measurements, as far as a column `time` says them.
    let days: Set<Substring>

    /// The pairs of a file; with semicolons between its fields numbers may have commas.
    ///
    /// Throws a ``CommandError`` that names the row which cannot be read (65), or says why the file cannot be (74).
    package init(path: String) throws {
        do throws(ReadingFileFault) {
            let rows = try CSVLines(path: path)
            let names = try rows.next() ? rows.fields.map { rows.text(rows.trimmed($0)) } : []
            guard let reading = names.firstIndex(of: "reading"), let reference = names.firstIndex(of: "reference")
            else {
                throw rows.fault(
                    "the first row must name the columns 'reading' and 'reference' (and perhaps 'time')", isInRow: false
                )
            }
            let time = names.firstIndex(of: "time")
            var pairs: [CalibrationFunction.Pair] = []
            var days: Set<Substring> = []
            func text(_ column: Int) -> String {
                column < rows.fields.count ? rows.text(rows.trimmed(rows.fields[column])) : ""
            }
            func figure(_ column: Int) throws(ReadingFileFault) -> Double {
                // A comma within a field is not what stands between fields.
                guard let figure = Double(text(column).replacing(",", with: ".")), figure.isFinite else {
                    throw rows.fault("'\(text(column))' is no number of '\(names[column])'")
                }
                return figure
            }
            while try rows.next() {
                pairs.append(.init(reading: try figure(reading), reference: try figure(reference)))
                if let time, time < rows.fields.count { days.insert(text(time).prefix(10)) }
            }
            (self.pairs, self.days) = (pairs, days)
        } catch {
            throw CommandError(error.isInput ? .badInput : .inputOutput, error.description)
        }
    }
}

/// What pairs with the reference method say of a calibration function (EN 14181), as a listing.
package struct FunctionStory {
    private let pairs: ReferencePairs
    private let demand: CalibrationFunction.Demand
    private let format: ListingFormat
    private let sink: ([UInt8]) throws -> Void

    /// A story; `limit` is the daily limit, `interval` its permitted 95 % interval in percent.
    package init(
        _ pairs: ReferencePairs, limit: Double, interval: Double, format: ListingFormat,
        sink: @escaping ([UInt8]) throws -> Void
    ) {
        (self.pairs, self.format, self.sink) = (pairs, format, sink)
        demand = CalibrationFunction.Demand(limit: limit, share: interval / 100)
    }

    /// QAL2: the function, whether its scatter is permitted, and the key for the configuration; not in order where it is not.
    package func findFunction(zero: Double) throws -> ExitStatus {
        guard let function = CalibrationFunction(pairs.pairs, demand, zero: zero) else {
            throw CommandError(
                .badInput, "the pairs say no function: there must be three at least, with readings that differ")
        }
        let (a, b) = (rounded(function.intercept), rounded(function.slope))
        var rows: [(String, ListingValue, String?)] = [
            ("pairs", .count(pairs.pairs.count), shortage(least: 15, days: 3)),
            ("method", .text(function.method.rawValue), function.method == .b ? methodB : nil),
            ("a", .number(a), nil), ("b", .number(b), nil),
            ("deviation", .number(rounded(function.deviation)), "standard deviation of the differences"),
            ("permitted", .number(rounded(function.greatestDeviation)), "σ₀ · kv"),
            ("variability", .text(function.isSound ? "passed" : "not passed"), nil),
            ("valid_to", .number(rounded(function.rangeEnd)), "1.1 times the highest value, or 20 % of the limit"),
        ]
        if function.isSound {
            let key =
                "calibration: {a: \(shortest(a)), b: \(shortest(b)), valid: [0, \(shortest(function.rangeEnd))], from: DAY}"
            rows.append(("configuration", .text(key), "of the indicator, then emsctl reload --reason \"QAL2\""))
        }
        try print(rows)
        return function.isSound ? .done : .notInOrder
    }

    /// AST: whether a function still holds; not in order where it does not.
    package func test(intercept: Double, slope: Double) throws -> ExitStatus {
        guard
            let test = SurveillanceTest(CalibrationFunction(intercept: intercept, slope: slope), pairs.pairs, demand)
        else { throw CommandError(.badInput, "a test needs two pairs at least, and by EN 14181 five") }
        let isSpread = test.deviation <= test.greatestDeviation
        let isMean = abs(test.mean) <= test.greatestMean
        try print([
            ("pairs", .count(pairs.pairs.count), shortage(least: 5, days: 1)),
            ("deviation", .number(rounded(test.deviation)), "standard deviation of the differences"),
            ("permitted_deviation", .number(rounded(test.greatestDeviation)), "1.5 · σ₀ · kv"),
            ("variability", .text(isSpread ? "passed" : "not passed"), nil),
            ("mean", .number(rounded(test.mean)), "mean of the differences"),
            ("permitted_mean", .number(rounded(test.greatestMean)), "t · s / √N + σ₀"),
            ("function", .text(isMean ? "passed" : "not passed"), nil),
            (
                "next",
                .text(
                    test.isPassed
                        ? "emsctl calibration add METER --date DAY --as-found pass --certificate FILE"
                        : "a new function is to be found: emsctl qal2"), nil
            ),
        ])
        return test.isPassed ? .done : .notInOrder
    }

    private var methodB: String {
        let lowest = pairs.pairs.map(\.reference).min() ?? 0
        return lowest < 0.15 * demand.limit
            ? "the values lie close together and below 15 % of the limit: EN 14181 wants points of reference material (method C)"
            : "the values lie close together: a line through the reading at zero"
    }

    private func shortage(least: Int, days: Int) -> String? {
        var lacks: [String] = []
        if pairs.pairs.count < least { lacks.append("\(least) pairs") }
        if !pairs.days.isEmpty, pairs.days.count < days { lacks.append("\(days) days") }
        return lacks.isEmpty ? nil : "EN 14181 asks for at least \(lacks.joined(separator: " and "))"
    }

    private func rounded(_ number: Double) -> Double { (number * 1e6).rounded() / 1e6 }

    private func shortest(_ number: Double) -> String { "\(rounded(number))" }

    private func print(_ rows: [(String, ListingValue, String?)]) throws {
        guard let calendar = SiteCalendar(identifier: "UTC") else { return }
        var printer = ListingPrinter(
            columns: [ListingColumn("item"), ListingColumn("value"), ListingColumn("remark")], format: format,
            calendar: calendar, sink: sink)
        for row in rows { try printer.row([.text(row.0), row.1, .optional(row.2)]) }
        try printer.end(nothing: "")
    }
}

import Metering

/// How a recording is written: which column is what, what numbers look like, and what its times mean.
package struct ReadingForm: Sendable {
    /// What a column may hold.
    package enum ColumnContent: String, Sendable, Hashable, CaseIterable {
        /// `date` is the date alone, where the time of day has a column of its own; the other is read behind it, with a blank
        /// between them.
        case date, time, point, value, quality, reason
    }

    /// Which column it is.
    package enum ColumnReference: Sendable, Hashable {
        /// The one with that head, whatever the case of its letters.
        case named(String)
        /// From 1.
        case numbered(Int)
    }

    /// What a time without an offset means.
    package enum Times: String, Sendable, Hashable, CaseIterable {
        /// It is UTC.
        case utc
        /// It is what the site's clock showed; what that shows twice is told apart by the order of the rows.
        case local
        /// There is none without an offset.
        case offset
    }

    /// Columns that are not headed by their field's own name.
    package var columns: [ColumnContent: ColumnReference] = [:]
    /// What stands between fields; nil: as the first row shows, a comma unless it has none.
    package var delimiter: UInt8?
    /// Whether numbers have a decimal comma.
    package var hasDecimalComma = false
    /// What all rows are about, where no column says so.
    package var point: String?
    package var times = Times.offset
    /// How times are written; nil: as RFC 3339, or without an offset where ``times`` says what that means.
    package var timePattern: TimePattern?
    /// Whether times of use per interval are the start of each stretch; nil: as the point says.
    package var isStampedAtStart: Bool?
    /// Lines before the first row.
    package var skippedLines = 0
    /// No reading is later; nil: recordings may reach as far as they like.
    package var latest: Instant?

    /// Columns `time,point,value` and perhaps `quality` and `reason`, decimal points, times in RFC 3339.
    package init() {}

    /// The columns of a text such as `time=1,value=4` or `value=Wirkleistung`; nil where it is none.
    package static func columns(_ text: String) -> [ColumnContent: ColumnReference]? {
        var columns: [ColumnContent: ColumnReference] = [:]
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, let field = ColumnContent(rawValue: String(sides[0])), !sides[1].isEmpty,
                columns[field] == nil
            else { return nil }
            if let number = Int(sides[1]) {
                guard (1...10_000).contains(number) else { return nil }
                columns[field] = .numbered(number)
            } else {
                columns[field] = .named(String(sides[1]))
            }
        }
        return columns
    }
}

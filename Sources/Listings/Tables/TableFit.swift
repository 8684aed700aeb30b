import Metering
import PlantAPI

/// Which columns of a table a screen has room for, and how wide they are.
struct TableFit {
    /// The columns shown, by their places.
    private(set) var shown: [Int]
    /// The width of each column, shown or not.
    private(set) var widths: [Int]
    /// The names of those left out for want of room.
    private(set) var leftOut: [String] = []

    /// The narrowest that a name is shortened to.
    private static let narrowest = 10

    /// Fits columns of these widths into a screen; `isEmpty` tells of columns in which nothing stands.
    init(_ columns: [ListingColumn], widths: [Int], isEmpty: (Int) -> Bool, into room: Int?) {
        shown = Array(columns.indices)
        self.widths = widths
        guard let room else { return }
        if total > room { shown.removeAll { isEmpty($0) && columns[$0].rank > 0 } }
        shorten(columns, least: 24, into: room)
        drop(columns, above: 4, into: room)
        shorten(columns, least: TableFit.narrowest, into: room)
        drop(columns, above: 0, into: room)
    }

    private var total: Int { shown.reduce(0) { $0 + widths[$1] } + 2 * max(0, shown.count - 1) }

    /// Leaves out the columns that matter least, those of a rank above `rank`.
    private mutating func drop(_ columns: [ListingColumn], above rank: Int, into room: Int) {
        while total > room, let last = shown.max(by: { columns[$0].rank < columns[$1].rank }),
            columns[last].rank > rank
        {
            shown.removeAll { $0 == last }
            leftOut.append(columns[last].name)
        }
    }

    /// Takes columns from the widest name or text, down to `least`.
    private mutating func shorten(_ columns: [ListingColumn], least: Int, into room: Int) {
        while total > room {
            let names = shown.filter { columns[$0].mayBeShortened && widths[$0] > max(least, columns[$0].name.count) }
            guard let widest = names.max(by: { widths[$0] < widths[$1] }) else { return }
            widths[widest] -= 1
        }
    }
}

extension ListingColumn {
    /// How early it gives way where a screen is too narrow; 0: never.
    var rank: Int {
        switch name {
        case "causes", "late_ms", "sha256", "hash": 9
        case _ where name.hasPrefix("days_"): 6
        case "certificate", "serial", "model_base", "sunspec": 7
        case "reopened_share", "effective_share", "judged": 5
        case "systemic", "per_1000": 4
        case "detail", "rtt_p99_ms", "skipped": 8
        case "recurrence_of", "linked", "remark", "kind", "seconds_until_cleared", "reason": 7
        case "seconds_not_met", "revision", "title", "onset", "flags": 6
        case "cleared_at", "coverage", "polls": 5
        case "link", "rtt_ms", "errors": 4
        case "status", "start": 3
        case "raised_at": 2
        case "condition": 1
        default: 0
        }
    }

    /// Whether its fields are names or texts, which may be shortened in the middle; numbers, units, limits and times never.
    var mayBeShortened: Bool {
        [
            "meter", "point", "indicator", "objective", "title", "detail", "causes", "link", "remark", "message",
            "item",
            "flags", "line", "gap", "says", "product", "vendor", "name",
        ].contains(name)
    }
}

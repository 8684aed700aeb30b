/// One column of a listing: its name is the CSV column and the JSON key.
package struct ListingColumn: Sendable, Hashable {
    /// How its fields are shown to people; CSV and JSON write all alike.
    package enum Style: Sendable, Hashable {
        case plain
        /// Numbers at the right, with at most seven significant digits.
        case number
        /// A share of 1, shown in percent.
        case share
        /// Seconds, shown as `5 s`, `3 min`, `2 h`.
        case age
    }

    /// The CSV column and JSON key.
    package var name: String
    /// How people see it.
    package var style: Style

    /// A column.
    package init(_ name: String, _ style: Style = .plain) {
        self.name = name
        self.style = style
    }
}

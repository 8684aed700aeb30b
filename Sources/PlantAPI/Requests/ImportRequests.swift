/// A piece of an import: the body of `POST /v1/import`.
package struct ImportRequest: Sendable, Codable {
    /// Which import it belongs to; the same for all its pieces.
    package var id: String
    package var files: [String]
    package var reason: String?
    /// One reading a line, in order of time: milliseconds since 1970, point, value (empty where there is none), quality, and
    /// the reason where it is bad, between commas.
    package var rows: String
    /// Whether it is the last one, after which everything is computed again.
    package var isLast: Bool

    /// A piece.
    package init(id: String, files: [String], reason: String?, rows: String, isLast: Bool) {
        self.id = id
        self.files = files
        self.reason = reason
        self.rows = rows
        self.isLast = isLast
    }
}

/// What became of a piece of an import.
package struct ImportAnswer: Sendable, Codable {
    /// Readings of all pieces so far that changed what is stored.
    package var changed: Int

    /// An answer.
    package init(changed: Int) { self.changed = changed }
}

/// A figure that a person read off: the body of `POST /v1/points/NAME/enter`.
package struct EntryRequest: Sendable, Codable {
    package var value: Double
    /// When it was read, written like `--since`; nil: now.
    package var time: String?
    /// `good` or `uncertain`.
    package var quality: String?
    package var reason: String

    /// An entry.
    package init(value: Double, time: String?, quality: String?, reason: String) {
        self.value = value
        self.time = time
        self.quality = quality
        self.reason = reason
    }
}

import Metering

/// One thing of the plant that somebody has to look after: since when, by how much, and what to do next.
package struct PlantFinding: Sendable {
    /// How bad it is; the worst comes first.
    package enum Weight: Int, Sendable, Comparable {
        case note, notYet, points, meter, minor, link, major, disk, critical, record

        package static func < (a: Weight, b: Weight) -> Bool { a.rawValue < b.rawValue }

        /// The letter before it, which says without colour how bad it is.
        var sign: String {
            switch self {
            case .note, .notYet: "~"
            case .points, .meter, .minor, .link, .major, .disk: "!"
            case .critical, .record: "!!"
            }
        }

        var tone: Tone {
            switch self {
            case .note, .notYet: .attention
            case .points, .meter, .minor: .attention
            case .link, .major, .disk: .wrong
            case .critical, .record: .alarm
            }
        }
    }

    /// What kind of thing it is, e.g. `nonconformity`, `link`.
    package var kind: String
    package var weight: Weight
    /// The thing and what is wrong with it.
    package var what: String
    /// The same in fewer words, for a narrow screen; nil where there are none.
    package var inShort: String?
    /// By how much in fewer words, for a narrow screen; nil where there are none.
    package var amountInShort: String?
    /// Since when; nil where nobody knows.
    package var since: Instant?
    /// By how much, in words; nil where there is no amount.
    package var amount: String?
    /// The next command to type.
    package var next: String
}

/// The status of a plant as its JSON says it, for those who show it.
package struct StatusDocument: Sendable, Codable {
    /// Something to look after.
    package struct Finding: Sendable, Codable {
        package var kind: String
        package var what: String
        /// The same in fewer words.
        package var inShort: String
        /// RFC 3339, UTC.
        package var since: String?
        package var amount: String?
        /// The next command to type.
        package var next: String

        enum CodingKeys: String, CodingKey {
            case kind, what, since, amount, next
            case inShort = "in_short"
        }
    }

    /// Measured points by the quality of their newest reading.
    package struct Points: Sendable, Codable {
        package var good, uncertain, bad, silent: Int
    }

    /// A link as the running daemon knows it.
    package struct Link: Sendable, Codable {
        package var link: String
        package var address: String?
        package var connected: Bool
        package var down: Bool
        package var cause: String?
        package var polls, answers: Int
        package var load: Double
    }

    /// An open nonconformity.
    package struct Nonconformity: Sendable, Codable {
        package var id: String
        package var objective: String
        package var severity: String
        package var state: String
        package var condition: String
        package var onset: String
        package var peak: Double?
        package var limit: Double?
        package var unit: String?
    }

    package var site: String
    package var timezone: String
    package var time: String
    /// What the first line of every view says.
    package var headline: String
    package var isInOrder: Bool
    package var problems: [String]
    package var findings: [Finding]
    package var newestReading: String?
    package var points: Points
    package var links: [Link]
    package var nonconformities: [Nonconformity]

    enum CodingKeys: String, CodingKey {
        case site, timezone, time, headline, problems, findings, points, links, nonconformities
        case isInOrder = "in_order"
        case newestReading = "newest_reading"
    }
}

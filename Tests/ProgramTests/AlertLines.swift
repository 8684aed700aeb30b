import Foundation

/// The lines of an alert file in JSON.
struct AlertLines {
    /// The lines in the order of the file; one that is no JSON is nil.
    let lines: [[String: Any]?]

    /// Takes the text of a file apart.
    init(_ text: String) {
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast(text.hasSuffix("\n") ? 1 : 0).map
        {
            (try? JSONSerialization.jsonObject(with: Data($0.utf8))) as? [String: Any]
        }
    }

    /// Whether every line is whole and they are numbered from 1 without a gap or a double.
    var isGapless: Bool { lines.map { $0?["seq"] as? Int } == (0..<lines.count).map { $0 + 1 } }

    /// What the lines are about, in their order.
    var events: [String] { lines.map { $0?["event"] as? String ?? "?" } }

    /// The nonconformities that an event tells of, sorted.
    func ids(of event: String) -> [String] {
        lines.filter { $0?["event"] as? String == event }.map { $0?["id"] as? String ?? "?" }.sorted()
    }

    /// The sentences of an event, in their order.
    func messages(of event: String) -> [String] {
        lines.filter { $0?["event"] as? String == event }.map { $0?["message"] as? String ?? "?" }
    }
}

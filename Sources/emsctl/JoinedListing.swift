import Foundation
import PlantAPI

/// Several listings of the same columns as one: CSV with one header, JSON as one array.
struct JoinedListing {
    private let format: ListingFormat
    private var parts: [String] = []

    /// None so far; `format` is CSV or JSON.
    init(_ format: ListingFormat) { self.format = format }

    /// Takes the next listing in.
    mutating func append(_ listing: [UInt8]) {
        let text = String(decoding: listing, as: UTF8.self)
        guard format == .json else {
            let header = text.prefix { !$0.isNewline }
            parts.append(parts.isEmpty ? text : String(text.dropFirst(header.count + 1)))
            return
        }
        let rows = text.trimmingCharacters(in: .whitespacesAndNewlines).dropFirst().dropLast()
            .trimmingCharacters(in: .whitespacesAndNewlines)
        if !rows.isEmpty { parts.append(rows) }
    }

    /// All of them.
    var bytes: [UInt8] {
        guard format == .json else { return Array(parts.joined().utf8) }
        return Array((parts.isEmpty ? "[]\n" : "[\n\(parts.joined(separator: ",\n"))\n]\n").utf8)
    }
}

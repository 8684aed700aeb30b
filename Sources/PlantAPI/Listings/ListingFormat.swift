/// In which form a listing is written.
package enum ListingFormat: String, Sendable, Hashable, CaseIterable {
    /// For people: aligned, local time.
    case table
    case json
    case csv

    /// The media type over HTTP.
    package var mediaType: String {
        switch self {
        case .table: "text/plain; charset=utf-8"
        case .json: "application/json"
        case .csv: "text/csv; charset=utf-8"
        }
    }
}

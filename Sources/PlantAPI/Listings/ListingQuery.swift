/// What somebody wants to see, from the command line or the socket alike.
package struct ListingQuery: Sendable, Hashable {
    /// What can be looked at; the word is the one in the API's path.
    package enum Listing: String, Sendable, Hashable, CaseIterable {
        case status, meters, points, readings, indicators, objectives, nonconformities, ledger, alerts, journal, kpi,
            plot, overview, forward
    }

    /// What is looked at.
    package var listing: Listing
    /// The point, indicator, objective or nonconformity; nil: all.
    package var name: String?
    /// As written; see ``TimeBound``.
    package var since: String?
    /// As written; see ``TimeBound``.
    package var until: String?
    /// Also values of windows that are not closed.
    package var provisional: Bool
    /// All revisions, not only the final ones.
    package var revisions: Bool
    /// Of meters: the plan of their requests, explained.
    package var plan = false
    /// Of the journal: only lines after this one.
    package var after: Int?
    /// Of one nonconformity: each window and point, not only the first, worst and last ones; of the status: all that is
    /// wrong, also what the screen has no room for.
    package var showsAll = false
    /// Of a plot: as SVG.
    package var isPicture = false
    /// A plot: whether each row says what it is of, for several in one listing.
    package var isNamed = false
    /// Of tables: the screen that shows them.
    package var terminal = TerminalForm()
    /// Which rows are wanted, by the column that decides: those with one of the values; absent: all.
    package var filters: [RowFilter: [String]] = [:]
    /// In which form it is wanted.
    package var format: ListingFormat

    /// An query.
    package init(
        _ listing: Listing, name: String? = nil, since: String? = nil, until: String? = nil, provisional: Bool = false,
        revisions: Bool = false, format: ListingFormat = .json
    ) {
        self.listing = listing
        self.name = name
        self.since = since
        self.until = until
        self.provisional = provisional
        self.revisions = revisions
        self.format = format
    }

    /// The media type of the answer over HTTP.
    package var mediaType: String { isPicture ? "image/svg+xml" : format.mediaType }

    /// The query key that names what is looked at.
    private var nameKey: String {
        switch listing {
        case .readings, .ledger: "point"
        case .indicators: "indicator"
        case .objectives: "objective"
        case .journal: "type"
        default: "name"
        }
    }

    /// The path and query of the request to the daemon.
    package var target: String {
        var path = "/v1/\(listing.rawValue)"
        if listing == .nonconformities, let name { path += "/" + ListingQuery.escaped(name) }
        var items: [(String, String)] = []
        if listing != .nonconformities, let name { items.append((nameKey, name)) }
        if let since { items.append(("since", since)) }
        if let until { items.append(("until", until)) }
        if provisional { items.append(("provisional", "true")) }
        if revisions { items.append(("revisions", "true")) }
        if let after { items.append(("after", String(after))) }
        if plan { items.append(("plan", "true")) }
        if isPicture { items.append(("picture", "true")) }
        if isNamed { items.append(("named", "true")) }
        if showsAll { items.append(("all", "true")) }
        for filter in RowFilter.allCases { items += (filters[filter] ?? []).map { (filter.rawValue, $0) } }
        if format != .json { items.append(("format", format.rawValue)) }
        if format == .table { items += terminal.items }
        if items.isEmpty { return path }
        return path + "?" + items.map { "\($0)=\(ListingQuery.escaped($1))" }.joined(separator: "&")
    }

    /// The query that a request's items say; throws a ``CommandError`` (64) for an unknown key or value.
    package init(_ listing: Listing, name: String? = nil, query: [(String, String)]) throws {
        self.init(listing, name: name)
        for (key, value) in query {
            switch key {
            case nameKey where listing != .nonconformities && listing != .status: self.name = value
            case "since": since = value
            case "until": until = value
            case "provisional": provisional = value != "false"
            case "revisions": revisions = value != "false"
            case "after" where listing == .journal:
                guard let seq = Int(value), seq >= 0 else {
                    throw CommandError(.usage, "after '\(value)' is no number of a journal line")
                }
                after = seq
            case "plan" where listing == .meters: plan = value != "false"
            case "all" where listing == .nonconformities || listing == .status: showsAll = value != "false"
            case _ where RowFilter(rawValue: key)?.listings.contains(listing) == true:
                if let filter = RowFilter(rawValue: key) { filters[filter, default: []].append(value) }
            case "format":
                guard let format = ListingFormat(rawValue: value) else {
                    throw CommandError(.usage, "format '\(value)' is not known: table, json or csv")
                }
                self.format = format
            case "picture" where listing == .plot: isPicture = value != "false"
            case "named" where listing == .plot: isNamed = value != "false"
            case _ where try terminal.take(key, value): break
            default: throw CommandError(.usage, "query key '\(key)' is not known for \(listing.rawValue)")
            }
        }
    }

    private static func escaped(_ text: String) -> String {
        let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
        let digits = Array("0123456789ABCDEF")
        return text.utf8.map { byte in
            plain.contains(byte)
                ? String(UnicodeScalar(byte)) : "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
        }.joined()
    }
}

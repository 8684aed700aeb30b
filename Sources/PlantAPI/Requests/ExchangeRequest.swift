/// What somebody says of the exchange of a meter: the body of `POST /v1/meters/NAME/exchange`.
package struct ExchangeRequest: Sendable, Hashable, Codable {
    /// From when the new meter counts, written like `--since`.
    package var time: String
    /// The old meter's last index, in the point's unit; nil to withdraw what was declared for that time.
    package var closing: Double?
    /// The new meter's first index, in the point's unit.
    package var opening: Double?
    package var reason: String?

    /// An exchange at a time.
    package init(time: String, closing: Double?, opening: Double?, reason: String?) {
        self.time = time
        self.closing = closing
        self.opening = opening
        self.reason = reason
    }
}

/// One link of a simulated plant: where it is served, and the devices on it.
package struct ServedLink: Sendable {
    /// Where a link is served.
    package enum Endpoint: Sendable, Hashable {
        /// A TCP port of an IPv4 or IPv6 address; port 0: any free one.
        case port(host: String, port: UInt16, framing: ServerFraming)
        /// A pseudo terminal, with a symbolic link to it at that path.
        case terminal(path: String)
    }

    package var name: String
    package var endpoint: Endpoint
    package var units: [UInt8: any AnsweringUnit]
    /// Whether the link is down at the moment: its port refuses connections and drops those it has, its terminal answers nothing;
    /// nil: never.
    package var isDown: (@Sendable () -> Bool)?

    /// A link with its devices by unit number.
    package init(
        name: String, endpoint: Endpoint, units: [UInt8: any AnsweringUnit], isDown: (@Sendable () -> Bool)? = nil
    ) {
        self.name = name
        self.endpoint = endpoint
        self.units = units
        self.isDown = isDown
    }
}

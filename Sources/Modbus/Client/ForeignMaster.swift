/// Another master on a serial line, known by its requests: whole frames with a right checksum that were not sent from here.
package struct ForeignMaster: Sendable, Hashable {
    /// Requests after which nobody takes them for noise any more.
    package static let certain = 3

    /// Its requests that were heard.
    package private(set) var requests = 0
    /// The units that it asks.
    package private(set) var units: Set<UInt8> = []

    /// Nobody.
    package init() {}

    /// Whether there is one without a doubt.
    package var isCertain: Bool { requests >= ForeignMaster.certain }

    /// Records a request to a unit.
    package mutating func asks(_ unit: UInt8) {
        requests += 1
        units.insert(unit)
    }
}

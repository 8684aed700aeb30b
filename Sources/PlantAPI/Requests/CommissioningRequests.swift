import Foundation

/// Which units are looked for on a link: the body of `POST /v1/links/LINK/scan`.
package struct ScanRequest: Sendable, Hashable, Codable {
    /// The first unit; 1 to 255.
    package var from: Int
    /// The last one.
    package var to: Int

    /// A search from one unit to another.
    package init(from: Int, to: Int) {
        self.from = from
        self.to = to
    }

    /// The request in a document; throws a ``CommandError`` (64) where it is none.
    package init(json: Data) throws {
        guard let request = try? JSONDecoder().decode(ScanRequest.self, from: json) else {
            throw CommandError(.usage, "a scan needs {\"from\": 1, \"to\": 20}")
        }
        self = request
    }

    /// The units; throws a ``CommandError`` (64) where they are none.
    package func units() throws -> ClosedRange<UInt8> {
        guard (0...255).contains(from), (from...255).contains(to) else {
            throw CommandError(
                .usage, "units are looked for from one to another, both of 1 to 247, not \(from) to \(to)")
        }
        return UInt8(from)...UInt8(to)
    }

    /// What a scan says that found nothing.
    package func nothing(on link: String) -> String {
        "no unit from \(from) to \(to) answers on \(link): check the wiring, its polarity, the rate and the parity"
    }
}

/// Which block is read and shown in every way: the body of `POST /v1/links/LINK/probe`.
package struct ProbeRequest: Sendable, Hashable, Codable {
    /// The unit.
    package var unit: Int
    /// The first register, as in a configuration: `input 1000` or `30001`.
    package var register: String
    /// How many registers or bits.
    package var count: Int
    /// Whether every way is shown, and not only the three likeliest of each address.
    package var all: Bool

    /// A look at a block.
    package init(unit: Int, register: String, count: Int, all: Bool = false) {
        self.unit = unit
        self.register = register
        self.count = count
        self.all = all
    }

    /// The request in a document; throws a ``CommandError`` (64) where it is none.
    package init(json: Data) throws {
        guard let request = try? JSONDecoder().decode(ProbeRequest.self, from: json) else {
            throw CommandError(
                .usage, "a probe needs {\"unit\": 7, \"register\": \"input 1000\", \"count\": 10, \"all\": false}")
        }
        self = request
    }
}

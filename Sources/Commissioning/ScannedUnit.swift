import Acquisition
import Listings
import Modbus

/// A unit that a scan found, as it is listed: a row of the daemon's answer, or of a line that is opened here.
package struct ScannedUnit: Sendable, Hashable, Decodable {
    /// The columns of the listing.
    package static let columns = [
        ListingColumn("unit", .number), ListingColumn("answer"), ListingColumn("vendor"), ListingColumn("product"),
        ListingColumn("revision"),
        ListingColumn("serial"), ListingColumn("sunspec"), ListingColumn("model_base", .number),
    ]

    private var unit: Int
    private var answer: String
    private var vendor, product, revision, serial, sunspec: String?
    private var modelBase: Int?

    private enum CodingKeys: String, CodingKey {
        case unit, answer, vendor, product, revision, serial, sunspec
        case modelBase = "model_base"
    }

    /// A unit as it answered.
    init(_ found: FoundUnit) {
        unit = Int(found.unit)
        answer =
            switch found.failure {
            case nil: "data"
            case .exception(let code): "exception-\(code)"
            case .crc, .frame: "spoiled"
            default: "other"
            }
        (vendor, product, revision) = (found.vendor, found.product, found.revision)
        serial = found.sunSpec?.serial
        sunspec = found.sunSpec?.summary
        modelBase = found.sunSpec?.base
    }

    /// What it says of itself, in one line; empty where it says nothing.
    package var says: String { [vendor, product].compactMap { $0 }.joined(separator: " ") }

    /// One field for each of ``columns``.
    package var fields: [ListingValue] {
        [
            .count(unit), .text(answer), .optional(vendor), .optional(product), .optional(revision), .optional(serial),
            .optional(sunspec), .optional(modelBase),
        ]
    }
}

extension SunSpecDevice {
    /// Its models, those a meter needs by name.
    fileprivate var summary: String {
        models.map { model in model.title.map { "\(model.id) \($0)" } ?? "\(model.id)" }.joined(separator: ", ")
    }
}

import Acquisition
import ConfigurationSource
import Metering
import Modbus
import PlantAPI
import PlantConfiguration
import Storage

/// Shows how meters are asked, and why so.
package struct RequestPlanListing {
    private static let columns = [
        ListingColumn("meter"), ListingColumn("interval_ms", .number), ListingColumn("table"),
        ListingColumn("address", .number),
        ListingColumn("registers", .number), ListingColumn("gaps", .number), ListingColumn("wire_ms", .number),
        ListingColumn("points"),
        ListingColumn("why"),
    ]

    private let plant: Plant
    private let facts: [String: LearnedFacts]

    /// The plans of a plant's meters, with what is known of their devices.
    package init(_ plant: Plant, facts: [String: LearnedFacts]) {
        self.plant = plant
        self.facts = facts
    }

    /// Writes the plan of one meter, or of all; throws a ``CommandError`` (65) where there is no such meter.
    package func write(_ name: String?, format: ListingFormat, sink: @escaping ([UInt8]) throws -> Void) throws {
        guard name == nil || plant.meters.contains(where: { $0.name == name }) else {
            let known = plant.meters.map(\.name)
            throw CommandError(
                .badInput, "there is no meter '\(name ?? "")'" + NearestName.hint(for: name ?? "", among: known),
                matter: .absent)
        }
        var printer = ListingPrinter(
            columns: RequestPlanListing.columns, format: format, calendar: plant.plan.calendar, sink: sink)
        for meter in plant.meters where name == nil || meter.name == name {
            guard let link = plant.links.first(where: { $0.name == meter.link }) else { continue }
            for row in ExplainedRequest.plan(of: meter, on: link, knowing: facts[meter.name]) {
                try printer.row([
                    .text(meter.name), .count(Int(row.interval)), .optional(row.request?.function.table),
                    .optional(row.request.map { Int($0.address) }), .optional(row.request?.count),
                    row.request == nil ? .none : .count(row.gaps), .optional(row.wireTime), .words(row.points),
                    .text(row.why),
                ])
            }
        }
        try printer.end(nothing: "nothing is asked: no meter has a link")
    }
}

extension Page {
    /// The plan of one meter's requests, or of all meters'.
    func requestPlan() throws {
        guard let plant = record.plant else {
            throw CommandError(
                .badInput,
                "the plan of requests comes from the configuration, and \(record.plantSummary.configuration) is gone or has "
                    + "changed: give the file with --config")
        }
        let facts = try reader.learnedFacts(of: plant.meters)
        try RequestPlanListing(plant, facts: facts).write(query.name, format: query.format, sink: sink)
    }
}

extension ReadFunction {
    /// The table as configurations name it.
    package var table: String {
        switch self {
        case .coils: "coil"
        case .discreteInputs: "discrete"
        case .holdingRegisters: "holding"
        case .inputRegisters: "input"
        }
    }
}

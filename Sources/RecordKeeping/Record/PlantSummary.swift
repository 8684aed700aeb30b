import Foundation
import Metering
import PlantAPI
import PlantConfiguration
import Storage

/// What the database remembers of the configuration so that it can be read without it: the site, its zone, the meters.
package struct PlantSummary: Sendable, Hashable, Codable {
    /// A meter as people know it.
    package struct Meter: Sendable, Hashable, Codable {
        /// The meter's name.
        package var name: String
        /// What people call it.
        package var title: String?
        /// The name of its link.
        package var link: String
        /// The unit identifier on the link.
        package var unit: Int

        /// A meter.
        package init(name: String, title: String? = nil, link: String, unit: Int) {
            self.name = name
            self.title = title
            self.link = link
            self.unit = unit
        }
    }

    /// The site's name.
    package var site: String
    /// The IANA name of the site's zone.
    package var timezone: String
    /// In the order of the configuration.
    package var meters: [Meter]
    /// Where the configuration was.
    package var configuration: String
    /// Its digest.
    package var digest: String

    /// The key of the note in the store.
    private static let key = "plant"

    /// The summary of a plant whose configuration stands at that absolute path.
    package init(_ plant: Plant, configuration: String) {
        self.configuration = configuration
        digest = plant.digest
        site = plant.site.name
        timezone = plant.site.timezone
        meters = plant.meters.map { Meter(name: $0.name, title: $0.title, link: $0.link, unit: Int($0.unit)) }
    }

    /// The summary in a store; throws a ``CommandError`` (74) where the database has none.
    package init(from reader: StoreReader, path: String) throws {
        guard let text = try reader.note(PlantSummary.key),
            let plantSummary = try? JSONDecoder().decode(PlantSummary.self, from: Data(text.utf8))
        else {
            throw CommandError(
                .inputOutput,
                "the database \(path) does not say which plant it belongs to: run emsd or emsd replay with it first")
        }
        self = plantSummary
    }

    /// Writes the summary into the store.
    package func keep(in writer: StoreWriter) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try writer.setNote(PlantSummary.key, String(decoding: encoder.encode(self), as: UTF8.self))
    }
}

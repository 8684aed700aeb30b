import ArgumentParser
import Foundation
import Storage

/// `emsctl backup DIR`
struct BackupVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copies one consistent state of the database into a directory while everything goes on.",
        discussion: """
            The copy is written by you, with your rights, as emsd.db in the directory, which only you can read. Without a \
            daemon --database copies a database that stands still.
            """)

    @Argument(help: "The directory of the copy; made where it is missing.")
    var directory: String

    @OptionGroup var plant: PlantOptions

    func run() async throws {
        let path = URL(fileURLWithPath: directory).standardizedFileURL.path
        if let database = plant.database {
            try PlantStore(directory: database, access: .readOnly).backup(to: path)
        } else {
            let daemon = try plant.daemon(for: "backup")
            let copy = try ReceivedCopy(in: path)
            _ = try await daemon.post("/v1/backup") { try copy.take($0) }
            try copy.finish()
        }
    }
}

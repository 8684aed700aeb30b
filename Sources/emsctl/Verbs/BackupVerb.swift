import ArgumentParser
import Foundation
import Storage
import Supervision

/// `emsctl backup DIR`
struct BackupVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copies one consistent state of the database into a directory while everything goes on.")

    @Argument(help: "The directory of the copy; made where it is missing.")
    var directory: String

    @OptionGroup var plant: PlantOptions

    func run() async throws {
        let path = URL(fileURLWithPath: directory).standardizedFileURL.path
        if let database = plant.database {
            try PlantStore(directory: database, access: .readOnly).backup(to: path)
        } else {
            let request = try JSONEncoder().encode(BackupRequest(directory: path))
            _ = try await plant.daemon(for: "backup").post("/v1/backup", request) { _ in }
        }
    }
}

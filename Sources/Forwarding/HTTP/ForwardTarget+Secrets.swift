import Foundation
import PlantConfiguration
import Platform

extension ForwardTarget.Secret {
    /// Where it stands; throws where systemd handed nothing over.
    func path() throws(ForwardFailure) -> String {
        switch self {
        case .file(let path): return path
        case .credential(let name):
            guard let directory = ProcessInfo.processInfo.environment["CREDENTIALS_DIRECTORY"] else {
                throw .denied(
                    "the credential '\(name)' was not handed over: LoadCredential=\(name):PATH belongs into the unit")
            }
            return directory + "/" + name
        }
    }

    /// The secret as it stands now; it is read for each connection, so that a new one needs no restart.
    func text() throws(ForwardFailure) -> String {
        let path = try path()
        do { return try SecretFile.line(path) } catch { throw .denied(error.description) }
    }
}

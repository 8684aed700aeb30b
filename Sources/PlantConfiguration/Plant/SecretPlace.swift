import Foundation
import Platform

/// Where a secret stands: in a file, never in the configuration, which is kept for ever.
package enum SecretPlace: Sendable, Hashable {
    case file(String)
    /// What systemd hands over by `LoadCredential`.
    case credential(String)

    /// The path of the file; throws where systemd handed nothing over.
    package func path() throws(SecretFile.Fault) -> String {
        switch self {
        case .file(let path): return path
        case .credential(let name):
            guard let directory = ProcessInfo.processInfo.environment["CREDENTIALS_DIRECTORY"] else {
                throw SecretFile.Fault(
                    "the credential '\(name)' was not handed over: LoadCredential=\(name):PATH belongs into the unit")
            }
            return directory + "/" + name
        }
    }
}

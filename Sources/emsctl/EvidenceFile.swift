import Crypto
import Foundation
import Metering
import PlantAPI

/// A file that proves something: what is kept of it is its digest.
enum EvidenceFile {
    /// The name of the file without its folders.
    static func name(of path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

    /// The SHA-256 of the file in lower-case hex; throws a ``CommandError`` (74) where it cannot be read.
    static func digest(of path: String) throws -> String {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw CommandError(.inputOutput, "the evidence \(path) cannot be read: check its name and mode")
        }
        return SHA256.hash(data: bytes).hexadecimal
    }
}

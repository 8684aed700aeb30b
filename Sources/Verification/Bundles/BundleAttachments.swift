import Evidence
import Foundation

/// Files that people named as evidence, put into a bundle as it is written: in `attachments/`, named by their SHA-256.
package struct BundleAttachments {
    private let files: [(path: String, digest: String, bytes: [UInt8])]
    private var named = ""

    /// Attachments, each by its path and with its bytes.
    package init(_ files: [(path: String, bytes: [UInt8])]) {
        self.files = files.map { ($0.path, EvidenceBundle.digest($0.bytes), $0.bytes) }.sorted { $0.digest < $1.digest }
    }

    /// Writes the next file of the bundle; the attachments go before the list, which has them too.
    ///
    /// Throws an ``AuditFault`` where no step in the bundle names an attachment.
    package mutating func put(_ name: String, _ bytes: [UInt8], into output: BundleOutput) throws {
        if name == "attachments.csv" { named = String(decoding: bytes, as: UTF8.self) }
        guard name == "SHA256SUMS", !files.isEmpty else { return try output.put(name, bytes) }
        var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        for (path, digest, bytes) in files {
            guard named.contains(",\(digest)\n") else {
                throw AuditFault(
                    "no step names \(path) as evidence (its SHA-256 is \(digest)): it does not belong there")
            }
            let line = "\(digest)  attachments/\(digest)"
            if lines.contains(line) { continue }
            try output.put("attachments/\(digest)", bytes)
            lines.append(line)
        }
        lines.sort { Array($0.dropFirst(66).utf8).lexicographicallyPrecedes(Array($1.dropFirst(66).utf8)) }
        try output.put(name, Array(lines.map { $0 + "\n" }.joined().utf8))
    }
}

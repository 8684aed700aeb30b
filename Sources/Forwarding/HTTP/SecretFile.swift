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

    /// The secret as it stands now, without the line's end; it is read for each connection, so that a new one needs no
    /// restart, and never shown.
    func text() throws(ForwardFailure) -> String {
        let path = try path()
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .denied("the secret in \(path) cannot be read: \(SystemFault.text(errno))")
        }
        defer { Glibc.close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .denied("the secret in \(path) is no file")
        }
        guard status.st_mode & 0o007 == 0 else {
            throw .denied("the secret in \(path) can be read by everybody: chmod o= \(path), and make a new one")
        }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = read(descriptor, &bytes, bytes.count)
        let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty, !text.contains(where: \.isNewline) else {
            throw .denied("the secret in \(path) is not one line of text")
        }
        return text
    }
}

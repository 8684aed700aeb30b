import Evidence
import Foundation
import Platform

/// Where a bundle is written: a new directory, or an archive by the end of its name.
package final class BundleOutput {
    private let path: String
    private let draft: String
    private var archive: (any BundleArchive)?
    private var file: FileHandle?
    private var isWhole = false

    /// Begins a new one; throws an ``AuditFault`` where something is there already, or nothing can be made.
    package init(_ path: String) throws {
        self.path = path
        draft = path + ".part"
        guard access(path, F_OK) != 0 else {
            throw AuditFault("there is something at \(path) already: choose another name")
        }
        if path.hasSuffix(".zip") { archive = ZipArchive() } else if path.hasSuffix(".tar") { archive = TarArchive() }
        try? FileManager.default.removeItem(atPath: draft)
        do {
            if archive == nil {
                try FileManager.default.createDirectory(atPath: draft, withIntermediateDirectories: true)
            } else {
                _ = FileManager.default.createFile(atPath: draft, contents: nil)
                file = try FileHandle(forWritingTo: URL(fileURLWithPath: draft))
            }
        } catch {
            throw AuditFault("\(path) cannot be written: check the directory")
        }
    }

    deinit {
        if !isWhole { try? FileManager.default.removeItem(atPath: draft) }
    }

    /// Writes a file.
    package func put(_ name: String, _ bytes: [UInt8]) throws {
        guard !name.hasPrefix("/"), !name.split(separator: "/").contains("..") else {
            throw AuditFault("the name \(name) leads out of the bundle")
        }
        if archive != nil {
            try file?.write(contentsOf: Data(archive?.file(name, bytes) ?? []))
            return
        }
        let place = draft + "/" + name
        let folder = (place as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        guard FileManager.default.createFile(atPath: place, contents: Data(bytes)) else {
            throw AuditFault("\(place) cannot be written: check the disk")
        }
    }

    /// Gives it its name when all is there.
    package func finish() throws {
        if archive != nil {
            try file?.write(contentsOf: Data(archive?.end() ?? []))
            try file?.synchronize()
            try file?.close()
        }
        guard rename(draft, path) == 0 else { throw AuditFault("\(path) cannot be named: \(SystemFault.text(errno))") }
        isWhole = true
    }
}

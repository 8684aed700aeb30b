import Conformity
import DatabaseFile
import Evidence
import Foundation
import Indicators
import Metering
import PlantConfiguration
import Recording
import SignedNotes
import Storage

/// Checks a bundle on a machine without daemon or database: what its script checks, and whether its values follow from its
/// readings by its rules.
package struct BundleCheck {
    private let files: [String: [UInt8]]
    private let trusted: [VerifierKey]

    /// A check of a bundle's files by name; `trusted` are keys that the reader knows from elsewhere.
    package init(_ files: [String: [UInt8]], trusting trusted: [VerifierKey] = []) {
        self.files = files
        self.trusted = trusted
    }

    /// The files of a bundle in a directory, a tar or a zip archive; throws an ``AuditFault`` where there is none.
    package static func files(at path: String) throws -> [String: [UInt8]] {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw AuditFault("there is nothing at \(path)")
        }
        if !isDirectory.boolValue {
            guard let data = FileManager.default.contents(atPath: path) else {
                throw AuditFault("\(path) cannot be read")
            }
            guard let files = TarArchive.files(in: Array(data)) ?? ZipArchive.files(in: Array(data)) else {
                throw AuditFault("\(path) is no bundle of emsctl: unpack it, and give the directory")
            }
            return Dictionary(files.map { ($0.name, $0.bytes) }, uniquingKeysWith: { $1 })
        }
        var files: [String: [UInt8]] = [:]
        for name in FileManager.default.enumerator(atPath: path) ?? .init() {
            guard let name = name as? String else { continue }
            let place = path + "/" + name
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: place, isDirectory: &isFolder), !isFolder.boolValue else {
                continue
            }
            guard let data = FileManager.default.contents(atPath: place) else {
                throw AuditFault("\(place) cannot be read")
            }
            files[name] = Array(data)
        }
        return files
    }

    /// Looks at everything; progress goes over the readings.
    package func run() throws -> CheckReport {
        var report = CheckReport()
        checkFiles(&report)
        let lines = checkLines(&report)
        checkReadings(lines, &report)
        checkAttachments(lines, &report)
        if let script = files["verify.sh"], script != Array(VerifyScript.text.utf8) {
            report.remark("verify.sh is not the one of this version of emsd: take nobody's word for what another says")
        }
        let records = lines.compactMap { Self.record($0) }
        try BundleRecomputation(files, lines: records).run(&report)
        return report
    }

    private func text(_ name: String) -> String? { files[name].map { String(decoding: $0, as: UTF8.self) } }

    private func checkFiles(_ report: inout CheckReport) {
        guard let list = text("SHA256SUMS") else { return report.differs("SHA256SUMS is missing") }
        var named: Set<String> = []
        for line in list.split(separator: "\n") {
            let (sum, name) = (String(line.prefix(64)), String(line.dropFirst(66)))
            named.insert(name)
            guard let bytes = files[name] else { report.differs("\(name): the list has it, it is not there"); continue }
            if EvidenceBundle.digest(bytes) != sum || line.dropFirst(64).prefix(2) != "  " {
                report.differs("\(name): it is not the file of the list")
            }
        }
        for name in files.keys.sorted() where name != "SHA256SUMS" && !named.contains(name) {
            report.differs("\(name): the list does not have it")
        }
    }

    /// Each line of the journal under the head, and the head under the key; returns the lines.
    private func checkLines(_ report: inout CheckReport) -> [String] {
        let lines = (text("journal.jsonl") ?? "").split(separator: "\n").map(String.init)
        guard let note = text("checkpoint").flatMap({ SignedNote(text: $0) }),
            let checkpoint = Checkpoint(body: note.body)
        else {
            report.differs("checkpoint: it is no signed head")
            return lines
        }
        report.heads = 1
        let own = text("vkey").flatMap { VerifierKey(text: String($0.prefix { $0 != "\n" })) }
        let keys = trusted.isEmpty ? [own].compactMap { $0 } : trusted
        guard let key = keys.first(where: { $0.name == checkpoint.origin && note.isSigned(by: $0) }) else {
            report.differs("checkpoint: no key that is known signed it")
            return lines
        }
        if trusted.isEmpty { report.remark("the key is the bundle's own: compare its fingerprint, \(key.fingerprint)") }
        for line in lines {
            let number = line.dropFirst(7).prefix { $0.isNumber }
            guard let proof = text("proofs/\(number).tlog-proof").flatMap({ TransparencyProof(text: $0) }) else {
                report.differs("journal line \(number): it has no proof")
                continue
            }
            if String(proof.inclusion.index + 1) != number || proof.head != note || !proof.proves(line: line, by: key) {
                report.differs("journal line \(number): it does not stand under the head")
            }
            report.lines += 1
        }
        return lines
    }

    /// A line of the journal with its number and time.
    private static func record(_ line: String) -> JournalRecord? {
        struct Place: Decodable {
            let seq: Int
            let time: String
        }
        guard let place = try? JSONDecoder().decode(Place.self, from: Data(line.utf8)), let time = Instant(place.time)
        else { return nil }
        return JournalRecord(seq: place.seq, time: time, line: line, hash: "")
    }

    /// Files that people named as evidence: each has the digest that is its name, and a step in the journal names it.
    private func checkAttachments(_ lines: [String], _ report: inout CheckReport) {
        for (name, bytes) in files.sorted(by: { $0.key < $1.key }) where name.hasPrefix("attachments/") {
            let digest = EvidenceBundle.digest(bytes)
            if name != "attachments/\(digest)" {
                report.differs("\(name): it is another file than was named as evidence, its SHA-256 is \(digest)")
            } else if !lines.contains(where: { $0.contains("\"type\":\"nc.") && $0.contains("\"\(digest)\"") }) {
                report.differs("\(name): no step in the journal names it")
            }
        }
        guard let beginning = files[RecordBeginning.file] else { return }
        let digest = EvidenceBundle.digest(beginning)
        if !lines.contains(where: { $0.contains("\"type\":\"record.standing\"") && $0.contains("\"\(digest)\"") }) {
            report.differs("\(RecordBeginning.file): no line of the journal seals it")
        }
    }

    private func checkReadings(_ lines: [String], _ report: inout CheckReport) {
        var sealed: [String: Int] = [:]
        for line in lines {
            guard let seal = SealedStretch(line: line, sequence: 0) else { continue }
            for (name, point) in seal.points { sealed["\(name) \(point.digest)"] = point.count }
        }
        for (name, bytes) in files.sorted(by: { $0.key < $1.key }) where name.hasPrefix("readings/") {
            let point = name.split(separator: "/").dropFirst().first.map(String.init) ?? ""
            guard let count = sealed["\(point) \(EvidenceBundle.digest(bytes))"] else {
                report.differs("\(name): no line of the journal seals it")
                continue
            }
            report.readings += count
            report.days += 1
        }
    }
}

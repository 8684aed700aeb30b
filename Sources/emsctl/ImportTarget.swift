import Conformity
import Foundation
import Metering
import PlantAPI
import PlantConfiguration
import Programs
import ReadingFiles
import Recording
import Storage

/// What is to be imported.
struct ImportOrder {
    var files: [String]
    var form: ReadingForm
    var skipsBadRows: Bool
    var reason: String

    /// The files as one stream in order of time.
    func merge(_ names: PointNames) throws(ReadingFileFault) -> ReadingMerge {
        var opened: [ReadingFile] = []
        for path in files {
            opened.append(
                try ReadingFile(path: path, form: form, names: names, skipsBadRows: skipsBadRows) { _ in })
        }
        return ReadingMerge(opened)
    }
}

/// Where readings are taken in.
protocol ImportTarget {
    /// What must be known to read files for it.
    func place() async throws -> ReadingPlace
    /// Takes them in; returns what to say of it.
    func take(_ order: ImportOrder, _ names: PointNames) async throws -> String
}

/// The running daemon.
struct DaemonImport: ImportTarget {
    /// Readings in one request: the daemon takes each piece between two rounds of its recorder.
    private static let piece = 2048

    let daemon: Daemon

    func place() async throws -> ReadingPlace {
        var body: [UInt8] = []
        _ = try await daemon.get("/v1/import") { body += $0 }
        return try JSONDecoder().decode(ReadingPlace.self, from: Data(body))
    }

    func take(_ order: ImportOrder, _ names: PointNames) async throws -> String {
        let merge = try order.merge(names)
        var request = ImportRequest(
            id: UUID().uuidString, files: order.files, reason: order.reason, rows: "", isLast: false)
        var changed = 0
        var sent = 0
        let progress = ProgressLine("import")
        defer { progress.clear() }
        func send() async throws {
            var body: [UInt8] = []
            _ = try await daemon.post("/v1/import", JSONEncoder().encode(request)) { body += $0 }
            changed = try JSONDecoder().decode(ImportAnswer.self, from: Data(body)).changed
            progress.show(sent, "readings", share: merge.share)
        }
        while let readings = try merge.next() {
            var rest = readings[...]
            while !rest.isEmpty {
                let piece = rest.prefix(DaemonImport.piece)
                rest = rest.dropFirst(piece.count)
                request.rows = rows(piece, names)
                sent += piece.count
                try await send()
            }
        }
        (request.rows, request.isLast) = ("", true)
        try await send()
        return "\(changed) of them new or other than before; what they touch is computed again beside polling"
    }

    private func rows(_ readings: ArraySlice<Reading>, _ names: PointNames) -> String {
        var text = ""
        text.reserveCapacity(readings.count * 48)
        for reading in readings {
            text += "\(reading.time.milliseconds),\(names.name(of: reading.point)),"
            if reading.isUsable { text += "\(reading.value)" }
            text += ",\(reading.quality.text),\(reading.quality == .bad ? reading.reason.text : "")\n"
        }
        return text
    }
}

/// A database that no daemon has open, by the configuration that was in force in it last.
struct OfflineImport: ImportTarget {
    private let store: PlantStore
    private let plant: Plant

    init(directory: String) throws {
        store = try PlantStore(directory: directory, access: .owner(create: false, sync: .normal))
        let kept = try store.read { reader in
            try reader.configurations().last.flatMap { try Plant(kept: $0, in: reader) }
        }
        guard let kept else {
            throw CommandError(
                .badInput,
                "the database in \(directory) keeps no configuration that this program understands: let its emsd run, "
                    + "or use emsd replay")
        }
        plant = kept
    }

    func place() async throws -> ReadingPlace { ReadingPlace(plant) }

    func take(_ order: ImportOrder, _ names: PointNames) async throws -> String {
        let replay = Replay(
            plant: plant, files: order.files, form: order.form, skipsBadRows: order.skipsBadRows,
            account: ImportAccount(by: NSUserName(), reason: order.reason))
        do {
            let progress = ProgressLine("import")
            defer { progress.clear() }
            let summary = try replay.run(
                into: store, report: { _ in }, progress: { progress.show($0, "readings", share: $1) })
            try store.close()
            return "\(summary.windows) windows closed, \(summary.revisions) values revised"
        } catch let fault as ReadingFileFault {
            try? store.close()
            throw CommandError(fault.isInput ? .badInput : .inputOutput, fault.description)
        }
    }
}

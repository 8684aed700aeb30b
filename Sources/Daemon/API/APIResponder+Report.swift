import Conformity
import Connections
import Foundation
import HTTPTypes
import Hummingbird
import Listings
import Metering
import NIOCore
import PlantAPI
import PlantConfiguration
import Platform
import Reports

extension APIResponder {
    /// Makes a report and notes its digest in the journal, with who asked for it.
    func report(_ caller: Caller, _ body: Data) async throws -> Response {
        guard let request = try? JSONDecoder().decode(ReportRequest.self, from: body) else {
            throw CommandError(.badInput, "a report is a JSON object with \"from\", \"to\" and perhaps \"form\"")
        }
        let bytes = try await change("report", through: plant.turnstiles.longRequests) {
            let bytes = try ReportFile.bytes(request, plant.record())
            try plant.note(request, digest: ConfigurationFiles.digest(of: bytes), by: caller.person)
            return bytes
        }
        return Self.reportResponse(bytes)
    }

    /// Makes a report for somebody who may only read: nothing is noted.
    func report(_ query: [(String, String)]) async throws -> Response {
        func item(_ key: String) -> String? { query.first { $0.0 == key }?.1 }
        guard let from = item("from"), let to = item("to") else {
            throw CommandError(.usage, "a report needs 'from' and 'to'")
        }
        let form = try item("form").map { name in
            guard let form = ReportRequest.Form(rawValue: name) else {
                let names = ReportRequest.Form.allCases.map(\.rawValue).joined(separator: ", ")
                throw CommandError(.usage, "form '\(name)' is not known: \(names)")
            }
            return form
        }
        let bytes = try await change("report", through: plant.turnstiles.longRequests) {
            try ReportFile.bytes(ReportRequest(from: from, to: to, form: form), plant.record())
        }
        return Self.reportResponse(bytes)
    }

    private static func reportResponse(_ bytes: [UInt8]) -> Response {
        Response(
            status: .ok, headers: [.contentType: "text/html; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}

extension LivePlant {
    /// Notes in the journal that a report was made: `report.made`, with its digest.
    func note(_ request: ReportRequest, digest: String, by person: String) throws {
        let entry = JournalEntry(
            "report.made", at: now,
            [
                .init("from", .text(request.from)), .init("to", .text(request.to)),
                .init("form", .text(request.form?.rawValue)), .init("sha256", .text(digest)),
                .init("by", .text(person)),
            ])
        try recording.perform { try $0.note(entry, now: entry.time) }
    }
}

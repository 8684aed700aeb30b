import Evidence
import HTTPTypes
import Hummingbird
import NIOCore
import PlantAPI
import Platform
import Storage

extension APIResponder {
    /// Signs a head of the journal and answers it.
    func signHead() async throws -> Response {
        let note = try await change("head") {
            try Self.sayingWhy {
                // All that came in is on record before.
                plant.recording.settle()
                return try plant.audit.sign(now: plant.now).note
            }
        }
        return Response(status: .ok, "text/plain; charset=utf-8", note)
    }

    /// Answers the newest head, the proof of a line, or what a check of the record finds.
    func audit(_ path: ArraySlice<String>, _ query: [(String, String)]) async throws -> Response? {
        switch (path.first, path.dropFirst().first, path.count) {
        case ("head", nil, 1):
            let note = try await question { try LineProof.newestHead(in: plant.store) }
            return Response(status: .ok, "text/plain; charset=utf-8", note)
        case ("proof", let line?, 2):
            guard let number = Int(line) else { throw CommandError(.usage, "'\(line)' is no number of a journal line") }
            let proof = try await question { try LineProof.text(of: number, in: plant.store) }
            return Response(status: .ok, "text/plain; charset=utf-8", proof)
        case ("verify", nil, 1):
            let older = try query.first { $0.0 == "since" }.map { _, text in
                guard let note = SignedNote(text: text) else { throw CommandError(.badInput, "that is no signed head") }
                return note
            }
            let keys = try query.filter { $0.0 == "vkey" }.map { _, text in
                guard let key = VerifierKey(text: text) else {
                    throw CommandError(.badInput, "'\(text)' is no verifier key")
                }
                return key
            }
            plant.recording.settle()
            let place = try await plant.doors.errands.enter()
            defer { withExtendedLifetime(place) {} }
            let report = try await OwnThread.run("verify") {
                try RecordCheck(plant.store, trusting: keys, since: older).run { plant.isStopping }
            }
            return Response(
                status: .ok,
                headers: [
                    .contentType: "text/plain; charset=utf-8",
                    .exitStatus: String((report.holds ? ExitStatus.done : .notInOrder).rawValue),
                ], body: ResponseBody(byteBuffer: ByteBuffer(string: report.text)))
        default: return nil
        }
    }

    private func question<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        let place = try await plant.doors.questions.enter()
        defer { withExtendedLifetime(place) {} }
        return try await OwnThread.run("audit") { try Self.sayingWhy(work) }
    }

    private static func sayingWhy<T>(_ work: () throws -> T) throws -> T {
        do { return try work() } catch let fault as AuditFault { throw CommandError(.badInput, fault.message) }
    }
}

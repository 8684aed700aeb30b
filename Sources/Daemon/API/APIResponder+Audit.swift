import Connections
import Evidence
import Foundation
import HTTPTypes
import Hummingbird
import Metering
import NIOCore
import PlantAPI
import Platform
import SignedNotes
import Storage
import Verification

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
            func bound(_ name: String) throws -> Instant? {
                try query.first { $0.0 == name }.map { _, text in
                    try TimeBound.instant(
                        text, option: "--" + name, now: plant.now, calendar: plant.plant.plan.calendar)
                }
            }
            let (from, to) = (try bound("from"), try bound("to"))
            let part =
                from == nil && to == nil ? nil : Window(start: from ?? .distantPast, end: to ?? .distantFuture)
            plant.recording.settle()
            let place = try await plant.turnstiles.longRequests.enter()
            return try await verify(
                RecordVerification(plant.store, trusting: keys, since: older, part: part), holding: place,
                isDetailed: query.contains { $0.0 == "verbose" })
        default: return nil
        }
    }

    /// Answers line by line: how far the check has come, each such line behind a tilde, then what it found, then the exit
    /// status behind an equals sign.
    private func verify(
        _ verification: RecordVerification, holding place: Turnstile.Place, isDetailed: Bool
    ) async throws -> Response {
        let limits = ChunkRelay.Limits(patience: 60_000, lifetime: 86_400_000)
        return try await Response.streamed("text/plain; charset=utf-8", holding: place, limits) { send in
            // It gives way to everything else that the daemon does.
            ThreadPriority.lower()
            var abandoned: (any Error)?
            func say(_ text: String) { do { try send(Array(text.utf8)) } catch { abandoned = error } }
            say("~ the journal\n")
            var pace = ProgressPace()
            let report = try verification.run {
                abandoned != nil || plant.isStopping
            } progress: { progress in
                if let text = pace.text(progress) { say("~ \(text)\n") }
            }
            if let abandoned { throw abandoned }
            let status: ExitStatus = report.holds ? .done : .notInOrder
            try send(Array("\(report.text(isDetailed: isDetailed))= \(status.rawValue)\n".utf8))
        }
    }

    /// Puts on record what somebody else said of a head.
    func witness(_ body: Data) async throws -> Response {
        let text = try await change("witness") {
            try Self.sayingWhy { try plant.audit.take(Array(body), now: plant.now) }
        }
        return Response(status: .ok, "text/plain; charset=utf-8", text)
    }

    /// Sends a bundle of evidence as a tar archive, after its readings were sealed and a head was signed over them.
    func evidence(_ body: Data) async throws -> Response {
        guard let order = try? JSONDecoder().decode(EvidenceOrder.self, from: body) else {
            throw CommandError(
                .usage, "say what is to be proven: {\"nonconformity\": \"NC-…\"} or {\"from\": …, \"to\": …}")
        }
        let request = try BundleRequest(order, now: plant.now, calendar: plant.plant.plan.calendar)
        let place = try await plant.turnstiles.longRequests.enter()
        let limits = ChunkRelay.Limits(patience: 60_000, lifetime: 86_400_000)
        return try await Response.streamed("application/x-tar", holding: place, limits) { send in
            try Self.sayingWhy {
                plant.recording.settle()
                let bundle = try EvidenceBundle(plant.store, request)
                let open = try bundle.unsealed()
                for (stretch, points) in open { try plant.audit.seal(stretch, of: points, now: plant.now) }
                if let standing = try bundle.unsealedStanding() {
                    try plant.audit.note(EvidenceBundle.standing(standing.begin, standing.digest, at: plant.now))
                }
                if try !bundle.isCovered() { try plant.audit.sign(now: plant.now) }
                let archive = TarArchive()
                try bundle.make { try send(archive.file($0, $1)) }
                try send(archive.end())
            }
        }
    }

    /// Takes one number of the record apart.
    func explain(_ subject: String, _ query: [(String, String)]) async throws -> Response {
        let word = query.first { $0.0 == "format" }?.1 ?? "json"
        guard let format = ExplanationFormat(rawValue: word) else {
            throw CommandError(.usage, "format '\(word)' is not known: text or json")
        }
        let question = ExplanationQuery(subject: subject, at: query.first { $0.0 == "at" }?.1, format: format)
        plant.recording.settle()
        let text = try await self.question {
            try question.answer(plant.store, calendar: plant.plant.plan.calendar, now: plant.now)
        }
        return Response(status: .ok, format == .json ? "application/json" : "text/plain; charset=utf-8", text)
    }

    private func question<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        let place = try await plant.turnstiles.questions.enter()
        defer { withExtendedLifetime(place) {} }
        return try await OwnThread.run("audit") { try Self.sayingWhy(work) }
    }

    private static func sayingWhy<T>(_ work: () throws -> T) throws -> T {
        do { return try work() } catch let fault as AuditFault { throw CommandError(.badInput, fault.message) }
    }
}

import Commissioning
import Connections
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import PlantAPI
import Platform
import ReadingFiles
import Storage

extension APIResponder {
    // MARK: Listings

    func listing(_ query: ListingQuery) async throws -> Response {
        switch query.listing {
        case .readings, .indicators, .objectives, .ledger, .alerts, .journal, .plot:
            let place = try await plant.turnstiles.listings.enter()
            let record = try plant.record()
            return try await Response.streamed(query.mediaType, holding: place) { send in
                _ = try record.answer(query, sink: send)
            }
        case .status, .meters, .points, .nonconformities, .kpi, .overview, .forward:
            let place = try await plant.turnstiles.questions.enter()
            defer { withExtendedLifetime(place) {} }
            let record = try plant.record()
            let (status, body) = try await OwnThread.run("answer") {
                var body: [UInt8] = []
                let status = try record.answer(query) { body += $0 }
                return (status, body)
            }
            return Response(
                status: .ok, headers: [.contentType: query.format.mediaType, .exitStatus: String(status.rawValue)],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
        }
    }

    func events(_ query: [(String, String)]) async throws -> Response {
        var after = try query.first { $0.0 == "after" }.map { key, value in
            guard let seq = Int(value) else { throw CommandError(.usage, "\(key) '\(value)' is no number of an alert") }
            return seq
        }
        let place = try await plant.turnstiles.followers.enter()
        if after == nil, let since = query.first(where: { $0.0 == "since" })?.1 {
            after = try await OwnThread.run("events") { try plant.alert(before: since) }
        }
        let start = after
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
            body: ResponseBody { writer in
                defer { withExtendedLifetime(place) {} }
                try await AlertEventStream(plant: plant, after: start).write { try await writer.write($0) }
                try await writer.finish(nil)
            })
    }

    // MARK: Changes

    /// Does what changes something, a few at a time, away from the threads of the connections.
    func change<T: Sendable>(
        _ name: String, through turnstile: Turnstile? = nil, _ work: @escaping @Sendable () throws -> T
    ) async throws -> T {
        let place = try await (turnstile ?? plant.turnstiles.changes).enter()
        defer { withExtendedLifetime(place) {} }
        return try await OwnThread.run(name, work)
    }

    func reload(_ caller: Caller, _ body: Data) async throws -> Response {
        guard let request = body.isEmpty ? ReloadRequest() : try? JSONDecoder().decode(ReloadRequest.self, from: body)
        else {
            throw CommandError(.usage, "a reload takes {\"reason\": \"…\", \"isDryRun\": false}, or nothing")
        }
        let answer = try await change("reload") { try plant.reload(request, askedBy: caller.person) }
        return Response(
            status: .ok, "application/json", String(decoding: try JSONEncoder().encode(answer), as: UTF8.self))
    }

    /// The database as one file: whoever asks writes it where he may, with his own rights.
    func backup() async throws -> Response {
        let place = try await plant.turnstiles.longRequests.enter()
        let limits = ChunkRelay.Limits(patience: 60_000, lifetime: 86_400_000)
        return try await Response.streamed("application/vnd.sqlite3", holding: place, limits) { send in
            plant.recording.settle()
            try plant.store.sendBackup(send)
        }
    }

    func commission(
        _ what: String, on link: String, _ body: Data, _ query: [(String, String)]
    ) async throws -> Response {
        let format = try query.first { $0.0 == "format" }.map { _, value in
            guard let format = ListingFormat(rawValue: value) else {
                throw CommandError(.usage, "format '\(value)' is not known: table, json or csv")
            }
            return format
        }
        let answer = try await change("commission", through: plant.turnstiles.longRequests) {
            let commissioning = try plant.polling.commissioning(on: link, of: plant.plant)
            var answer: [UInt8] = []
            switch what {
            case "scan":
                try commissioning.scan(ScanRequest(json: body), format: format ?? .json) { answer += $0 }
            case "probe":
                try commissioning.probe(ProbeRequest(json: body), format: format ?? .json) { answer += $0 }
            default:
                throw CommandError(
                    .badInput, "a link can be asked for a scan or a probe, not for '\(what)'", matter: .absent)
            }
            return answer
        }
        return Response(
            status: .ok, headers: [.contentType: (format ?? .json).mediaType],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer)))
    }

    /// A check of a meter that somebody entered.
    func calibrate(_ meter: String, _ body: Data, by caller: Caller) async throws -> Response {
        let text = try await change("calibration") { [plant] in
            try plant.calibrate(meter, body: body, by: caller.person)
        }
        return Response(status: .ok, "text/plain; charset=utf-8", text)
    }

    /// What somebody read at zero and span.
    func readDrift(_ point: String, _ body: Data, by caller: Caller) async throws -> Response {
        let text = try await change("qal3") { [plant] in try plant.readDrift(point, body: body, by: caller.person) }
        return Response(status: .ok, "text/plain; charset=utf-8", text)
    }

    /// A listing of the management system.
    func manage(_ what: ManagementListing, _ query: [(String, String)]) async throws -> Response {
        let format = query.first { $0.0 == "format" }.flatMap { ListingFormat(rawValue: $0.1) } ?? .json
        let name = query.first { $0.0 == "name" }?.1
        let terminal = try screen(query)
        let answer = try await change("management", through: plant.turnstiles.longRequests) {
            var answer: [UInt8] = []
            try plant.record().manage(what, name: name, format: format, terminal: terminal) { answer += $0 }
            return answer
        }
        return Response(
            status: .ok, headers: [.contentType: format.mediaType],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer)))
    }

    /// What objectives would have raised: looks, and changes nothing.
    func tryOut(_ body: Data, _ query: [(String, String)]) async throws -> Response {
        guard let request = try? JSONDecoder().decode(TrialRequest.self, from: body) else {
            throw CommandError(
                .usage, "a trial takes {\"name\": \"…\"} or {\"text\": \"…\"}, perhaps with since and until")
        }
        let format = query.first { $0.0 == "format" }.flatMap { ListingFormat(rawValue: $0.1) } ?? .json
        let terminal = try screen(query)
        let answer = try await change("trial", through: plant.turnstiles.longRequests) {
            var answer: [UInt8] = []
            try plant.record().tryOut(request, format: format, terminal: terminal) { answer += $0 }
            return answer
        }
        return Response(
            status: .ok, headers: [.contentType: format.mediaType],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer)))
    }

    /// The screen for which a table is asked.
    private func screen(_ query: [(String, String)]) throws -> TerminalForm {
        var terminal = TerminalForm()
        for (key, value) in query { _ = try terminal.take(key, value) }
        return terminal
    }

    /// Reads a point, or all of a meter, from the device between polls.
    func read(_ name: String, trace: Bool) async throws -> Response {
        let (status, body) = try await change("read", through: plant.turnstiles.longRequests) {
            let (meter, points) = try LineCommissioning.points(named: name, of: plant.plant)
            let line = try plant.polling.commissioning(on: meter.link, of: plant.plant)
            var body: [UInt8] = []
            let status = try line.read(points, of: meter, trace: trace) { body += $0 }
            return (status, body)
        }
        return Response(
            status: .ok, headers: [.contentType: "text/plain; charset=utf-8", .exitStatus: String(status.rawValue)],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    func exchange(_ meter: String, _ body: Data, by caller: Caller) async throws -> Response {
        let text = try await change("exchange") { try plant.exchange(meter, body: body, by: caller.person) }
        return Response(status: .ok, "text/plain; charset=utf-8", text)
    }

    func raise(_ body: Data, by caller: Caller) async throws -> Response {
        let document = try await change("raise") { try plant.raise(body: body, by: caller) }
        return Response(status: .created, "application/json", document)
    }

    func take(step: String, of id: String, body: Data, by caller: Caller) async throws -> Response {
        let document = try await change("step") { try plant.take(step: step, of: id, body: body, by: caller) }
        return Response(status: .ok, "application/json", document)
    }
}

extension Response {
    /// A short answer.
    init(status: HTTPResponse.Status, _ mediaType: String, _ text: String) {
        self.init(
            status: status, headers: [.contentType: mediaType],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    /// An answer that is sent while `make` makes it on a thread of its own; that thread holds the place until it ends.
    ///
    /// The first piece decides whether there is an answer: what `make` throws before it is thrown here. Later the
    /// connection ends within the answer. `make` may be ended at any `send` by the error that this throws.
    static func streamed(
        _ mediaType: String, holding place: Turnstile.Place, _ limits: ChunkRelay.Limits = .init(),
        _ make: @escaping @Sendable (_ send: @escaping ([UInt8]) throws -> Void) throws -> Void
    ) async throws -> Response {
        let outlet = try ChunkRelay.start("answer", limits) { send in
            try withExtendedLifetime(place) { try make(send) }
        }
        let first = try await outlet.next()
        return Response(
            status: .ok, headers: [.contentType: mediaType],
            body: ResponseBody { writer in
                var chunk = first
                while let bytes = chunk {
                    try await writer.write(ByteBuffer(bytes: bytes))
                    chunk = try await outlet.next()
                }
                try await writer.finish(nil)
            })
    }
}

extension APIResponder {
    // MARK: Readings of people

    /// What must be known to read recordings for this plant.
    func readingPlace() throws -> Response {
        let place = try JSONEncoder().encode(ReadingPlace(plant.plant))
        return Response(status: .ok, "application/json", String(decoding: place, as: UTF8.self))
    }

    func takeIn(_ body: Data, by caller: Caller) async throws -> Response {
        let answer = try await change("import") { try plant.takeIn(body, by: caller.person) }
        return Response(
            status: .ok, "application/json", String(decoding: try JSONEncoder().encode(answer), as: UTF8.self))
    }

    func enter(_ point: String, _ body: Data, by caller: Caller) async throws -> Response {
        let text = try await change("enter") { try plant.enter(point, body: body, by: caller.person) }
        return Response(status: .ok, "text/plain; charset=utf-8", text)
    }
}

import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Storage

/// Answers the requests on the daemon's socket.
struct APIResponder: HTTPResponder {
    typealias Context = CallContext

    let plant: LivePlant
    let logger: Logger

    func respond(to request: Request, context: CallContext) async throws -> Response {
        do {
            return try await answer(request, context)
        } catch let complaint as Complaint {
            return Problem.response(complaint)
        } catch let refusal as ConfigurationRefusal {
            return Problem.response(refusal)
        } catch let fault as StoreFault {
            return Problem.response(Complaint(ExitStatus(rawValue: fault.exitCode) ?? .inputOutput, fault.message))
        } catch {
            logger.error("a request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            return Problem.response(Complaint(.inputOutput, "the daemon failed to answer: \(error)"))
        }
    }

    private func answer(_ request: Request, _ context: CallContext) async throws -> Response {
        let path = request.uri.path.split(separator: "/").map { String($0).removingPercentEncoding ?? String($0) }
        let query = request.uri.queryParameters.map { (String($0.key), String($0.value)) }
        switch (request.method, path) {
        case (.get, ["metrics"]): return try await MetricsResponder.answer(plant)
        case (.get, ["v1", "events"]): return try events(query)
        case (.post, ["v1", "reload"]):
            let caller = try await authorized(context, orDaemonsUser: true)
            return try await reload(caller)
        case (.post, ["v1", "backup"]):
            _ = try await authorized(context, orDaemonsUser: true)
            return try await backup(Data(request.body.collect(upTo: 1 << 16).readableBytesView))
        case (.post, let path) where path.count == 4 && path[0] == "v1" && path[1] == "links":
            _ = try await authorized(context, orDaemonsUser: true)
            let body = try await request.body.collect(upTo: 1 << 16)
            return try await commission(path[3], on: path[2], Data(body.readableBytesView), query)
        case (.post, let path) where path.count == 4 && path[0] == "v1" && path[1] == "nonconformities":
            let caller = try await authorized(context)
            let body = try await request.body.collect(upTo: 1 << 20)
            return try await take(step: path[3], of: path[2], body: Data(body.readableBytesView), by: caller)
        case (.post, let path) where path.count == 4 && path[1] == "meters" && path[3] == "exchange":
            let caller = try await authorized(context)
            let body = try await request.body.collect(upTo: 1 << 16)
            return try await exchange(path[2], Data(body.readableBytesView), by: caller)
        case (.get, let path) where path.count >= 2 && path[0] == "v1":
            guard let subject = Inquiry.Subject(rawValue: path[1]), path.count == 2 || subject == .nonconformities,
                path.count <= 3
            else { throw unknown(request) }
            return try await listing(Inquiry(subject, name: path.count == 3 ? path[2] : nil, query: query))
        case (.get, _), (.post, _): throw unknown(request)
        default: return Problem.response(.methodNotAllowed, "only GET and POST are understood", exit: .usage)
        }
    }

    private func unknown(_ request: Request) -> Complaint {
        Complaint(.badInput, "there is nothing at \(request.uri.path): the API begins with /v1/status")
    }

    private func authorized(_ context: CallContext, orDaemonsUser: Bool = false) async throws -> Caller {
        guard let caller = await Caller.find(on: context.channel) else {
            throw Complaint(.notPermitted, "changes need the daemon's Unix socket, which knows who calls")
        }
        guard caller.isOperator(plant.operators) || (orDaemonsUser && caller.userID == geteuid()) else {
            throw Complaint(.notPermitted, "\(caller.name) is no operator of this site: add the user to api.operators")
        }
        return caller
    }

    // MARK: Listings

    private func listing(_ inquiry: Inquiry) async throws -> Response {
        let record = try plant.record()
        switch inquiry.subject {
        case .readings, .indicators, .objectives, .ledger, .alerts: return try await stream(inquiry, record)
        default:
            let (status, body) = try await OwnThread.run("answer") {
                var body: [UInt8] = []
                let status = try record.answer(inquiry) { body += $0 }
                return (status, body)
            }
            return Response(
                status: .ok, headers: [.contentType: inquiry.format.mediaType, .exitStatus: String(status.rawValue)],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
        }
    }

    /// Sends the answer while it is being read: the first piece decides whether there is one.
    private func stream(_ inquiry: Inquiry, _ record: PlantRecord) async throws -> Response {
        let relay = ChunkRelay()
        OwnThread.start("answer") {
            do {
                _ = try record.answer(inquiry) { try relay.send($0) }
                relay.finish()
            } catch {
                relay.finish(error)
            }
        }
        let first = try await relay.next()
        return Response(
            status: .ok, headers: [.contentType: inquiry.format.mediaType],
            body: ResponseBody { writer in
                do {
                    var chunk = first
                    while let bytes = chunk {
                        try await writer.write(ByteBuffer(bytes: bytes))
                        chunk = try await relay.next()
                    }
                    try await writer.finish(nil)
                } catch {
                    relay.abandon()
                    throw error
                }
            })
    }

    // MARK: The rest

    private func events(_ query: [(String, String)]) throws -> Response {
        let after = try query.first { $0.0 == "after" }.map { key, value in
            guard let seq = Int(value) else { throw Complaint(.usage, "\(key) '\(value)' is no number of an alert") }
            return seq
        } ?? query.first { $0.0 == "since" }.map { try plant.alert(before: $0.1) }
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
            body: ResponseBody { writer in
                try await AlertEventStream(plant: plant, after: after).write { try await writer.write($0) }
                try await writer.finish(nil)
            })
    }

    private func reload(_ caller: Caller) async throws -> Response {
        let findings = try await OwnThread.run("reload") { try plant.reload(askedBy: caller.name) }
        return Response(
            status: .ok, headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: findings)))
    }

    private func backup(_ body: Data) async throws -> Response {
        guard let request = try? JSONDecoder().decode(BackupRequest.self, from: body), request.directory.hasPrefix("/")
        else {
            throw Complaint(.usage, "a backup needs {\"directory\": \"/an/absolute/path\"}")
        }
        try await OwnThread.run("backup") {
            plant.recording.settle()
            try plant.store.backup(to: request.directory)
        }
        return Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: "{}\n")))
    }

    private func commission(
        _ what: String, on link: String, _ body: Data, _ query: [(String, String)]
    ) async throws -> Response {
        let format = try query.first { $0.0 == "format" }.map { _, value in
            guard let format = ListingFormat(rawValue: value) else {
                throw Complaint(.usage, "format '\(value)' is not known: table, json or csv")
            }
            return format
        }
        let answer = try await OwnThread.run("commission") {
            let commissioning = try plant.commissioning(on: link)
            var answer: [UInt8] = []
            switch what {
            case "scan":
                try commissioning.scan(ScanRequest(json: body), format: format ?? .json) { answer += $0 }
            case "probe":
                try commissioning.probe(ProbeRequest(json: body), format: format ?? .json) { answer += $0 }
            default: throw Complaint(.badInput, "a link can be asked for a scan or a probe, not for '\(what)'")
            }
            return answer
        }
        return Response(
            status: .ok, headers: [.contentType: (format ?? .json).mediaType],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer)))
    }

    private func exchange(_ meter: String, _ body: Data, by caller: Caller) async throws -> Response {
        let text = try await OwnThread.run("exchange") { try plant.exchange(meter, body: body, by: caller.name) }
        return Response(
            status: .ok, headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    private func take(step: String, of id: String, body: Data, by caller: Caller) async throws -> Response {
        let document = try await OwnThread.run("step") {
            try plant.take(step: step, of: id, body: body, by: caller.name)
        }
        return Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: document)))
    }
}

extension HTTPField.Name {
    /// The exit status that a program should end with after this answer.
    static let exitStatus: HTTPField.Name = {
        guard let name = HTTPField.Name("Emsd-Exit-Status") else { preconditionFailure("a header's name is a token") }
        return name
    }()
}

import Connections
import DatabaseFile
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import PlantAPI
import Platform
import Storage

/// Answers the requests on the daemon's socket.
struct APIResponder: HTTPResponder {
    typealias Context = CallContext

    let plant: LivePlant
    let logger: Logger

    func respond(to request: Request, context: CallContext) async throws -> Response {
        do {
            return try await answer(request, context)
        } catch let commandError as CommandError {
            return Problem.response(commandError)
        } catch let refusal as ConfigurationRefusal {
            return Problem.response(refusal)
        } catch let fault as StoreFault where fault.kind == .closing {
            return Problem.response(CommandError(.unreachable, fault.message, matter: .busy))
        } catch let fault as StoreFault {
            return Problem.response(CommandError(ExitStatus(rawValue: fault.exitCode) ?? .inputOutput, fault.message))
        } catch let fault as ThreadFault {
            return Problem.response(CommandError(.unreachable, fault.description, matter: .busy))
        } catch let error as HTTPParserError {
            // The connection answers it, and ends.
            throw error
        } catch is CancellationError {
            return Problem.response(CommandError(.unreachable, "the daemon is stopping"))
        } catch {
            logger.error("a request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            return Problem.response(CommandError(.inputOutput, "the daemon failed to answer: \(error)"))
        }
    }

    private func answer(_ request: Request, _ context: CallContext) async throws -> Response {
        let query = request.uri.queryParameters.map { (String($0.key), String($0.value)) }
        let path = try path(of: request)
        switch request.method {
        case .get: return try await show(path, query, request)
        case .post: return try await act(path, query, request, context)
        default:
            var refusal = Problem.response(.methodNotAllowed, "only GET and POST are understood", exit: .usage)
            refusal.headers[.allow] = "GET, POST"
            return refusal
        }
    }

    /// What only looks.
    private func show(
        _ path: [String], _ query: [(String, String)], _ request: Request
    ) async throws -> Response {
        switch path {
        case ["metrics"]: return try await MetricsResponder.answer(plant, to: request)
        case ["v1", "events"]: return try await events(query)
        case ["v1", "import"]: return try readingPlace()
        case ["v1", "report"]: return try await report(query)
        case let path where path.count == 3 && path.starts(with: ["v1", "management"]):
            guard let what = ManagementListing(rawValue: path[2]) else { throw unknown(request) }
            return try await manage(what, query)
        case let path where path.count == 3 && path.starts(with: ["v1", "explain"]):
            return try await explain(path[2], query)
        case let path where path.starts(with: ["v1", "audit"]):
            guard let answer = try await audit(path.dropFirst(2), query) else { throw unknown(request) }
            return answer
        case let path where path.count >= 2 && path[0] == "v1":
            guard let subject = ListingQuery.Listing(rawValue: path[1]), path.count == 2 || subject == .nonconformities,
                path.count <= 3
            else { throw unknown(request) }
            return try await listing(ListingQuery(subject, name: path.count == 3 ? path[2] : nil, query: query))
        default:
            guard let page = try await PageResponder.answer(plant, to: request) else { throw unknown(request) }
            return page
        }
    }

    /// What does something. Who asks is known first, and nothing is done on a request that did not come to its end.
    private func act(
        _ path: [String], _ query: [(String, String)], _ request: Request, _ context: CallContext
    ) async throws -> Response {
        switch path {
        case ["v1", "reload"]:
            let caller = try await authorized(context, orDaemonsUser: true)
            return try await reload(caller, body(of: request))
        case ["v1", "test-objective"]:
            return try await tryOut(body(of: request), query)
        case ["v1", "backup"]:
            _ = try await authorized(context, orDaemonsUser: true)
            // What it says does not matter, but a request that is broken is no request.
            _ = try await body(of: request)
            return try await backup()
        case let path where path.count == 4 && path.starts(with: ["v1", "links"]):
            _ = try await authorized(context, orDaemonsUser: true)
            return try await commission(path[3], on: path[2], body(of: request), query)
        case ["v1", "nonconformities"]:
            let caller = try await authorized(context)
            return try await raise(body(of: request), by: caller)
        case let path where path.count == 4 && path.starts(with: ["v1", "nonconformities"]):
            let caller = try await authorized(context)
            return try await take(step: path[3], of: path[2], body: body(of: request), by: caller)
        case let path where path.count == 4 && path.starts(with: ["v1", "meters"]) && path[3] == "exchange":
            let caller = try await authorized(context)
            return try await exchange(path[2], body(of: request), by: caller)
        case let path where path.count == 4 && path.starts(with: ["v1", "meters"]) && path[3] == "calibration":
            let caller = try await authorized(context)
            return try await calibrate(path[2], body(of: request), by: caller)
        case let path where path.count == 4 && path.starts(with: ["v1", "points"]) && path[3] == "qal3":
            let caller = try await authorized(context)
            return try await readDrift(path[2], body(of: request), by: caller)
        case ["v1", "import"]:
            let caller = try await authorized(context)
            return try await takeIn(body(of: request), by: caller)
        case let path where path.count == 4 && path.starts(with: ["v1", "points"]) && path[3] == "enter":
            let caller = try await authorized(context)
            return try await enter(path[2], body(of: request), by: caller)
        case let path where path.count == 4 && path.starts(with: ["v1", "meters"]) && path[3] == "read":
            _ = try await authorized(context, orDaemonsUser: true)
            _ = try await body(of: request)
            return try await read(path[2], trace: query.contains { $0 == ("trace", "true") })
        case ["v1", "report"]:
            let caller = try await authorized(context, orDaemonsUser: true)
            return try await report(caller, body(of: request))
        case ["v1", "audit", "head"]:
            _ = try await authorized(context, orDaemonsUser: true)
            _ = try await body(of: request)
            return try await signHead()
        case ["v1", "audit", "witness"]:
            _ = try await authorized(context, orDaemonsUser: true)
            return try await witness(body(of: request))
        case ["v1", "evidence"]:
            _ = try await authorized(context, orDaemonsUser: true)
            return try await evidence(body(of: request))
        default: throw unknown(request)
        }
    }

    /// The parts of the path, each as it was meant; nothing that is nearly a path counts as one.
    private func path(of request: Request) throws -> [String] {
        let parts = request.uri.path.split(separator: "/", omittingEmptySubsequences: false)
        let names = parts.map { $0.removingPercentEncoding }
        guard parts.first?.isEmpty == true, !names.contains(nil) else {
            throw CommandError(.usage, "the path of the request cannot be read: the API begins with /v1/status")
        }
        return names.dropFirst().compactMap { $0 }
    }

    private func unknown(_ request: Request) -> CommandError {
        CommandError(
            .badInput, "there is nothing at \(request.uri.path): the API begins with /v1/status", matter: .absent)
    }

    private func body(of request: Request) async throws -> Data {
        do {
            return try await Data(request.body.collect(upTo: 1 << 20).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw CommandError(.badInput, "the body of a request has a megabyte at the most", matter: .tooLarge)
        }
    }

    private func authorized(_ context: CallContext, orDaemonsUser: Bool = false) async throws -> Caller {
        let caller =
            if let remote = context.remote { remote } else { try await Caller.find(on: context.channel) }
        guard caller.isOperator(plant.operators) || (orDaemonsUser && caller.userID == geteuid()) else {
            throw CommandError(
                .notPermitted, "\(caller.account) is no operator of this site: add the user to api.operators")
        }
        return caller
    }
}

extension HTTPField.Name {
    /// The exit status that a program should end with after this answer.
    static let exitStatus: HTTPField.Name = {
        guard let name = HTTPField.Name("Emsd-Exit-Status") else { preconditionFailure("a header's name is a token") }
        return name
    }()
}

import Connections
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import PlantAPI
import Platform

/// Answers requests on the metrics' TCP port: `GET /metrics` and nothing else.
struct MetricsResponder: HTTPResponder {
    typealias Context = CallContext

    let plant: LivePlant

    func respond(to request: Request, context: CallContext) async throws -> Response {
        guard request.method == .get, request.uri.path == "/metrics" else {
            return Problem.response(.notFound, "there is only GET /metrics here", exit: .badInput)
        }
        do {
            return try await MetricsResponder.answer(plant, to: request)
        } catch let commandError as CommandError {
            return Problem.response(commandError)
        } catch let fault as ThreadFault {
            return Problem.response(CommandError(.unreachable, fault.description, matter: .busy))
        }
    }

    /// The metrics of this moment, in the form that the request prefers.
    static func answer(_ plant: LivePlant, to request: Request) async throws -> Response {
        let format = MetricsFormat(accepting: request.headers[.accept])
        let place = try await plant.turnstiles.scrapes.enter()
        defer { withExtendedLifetime(place) {} }
        let pieces = try await OwnThread.run("metrics") { try MetricsText.of(plant, format) }
        return Response(
            status: .ok, headers: [.contentType: format.mediaType, .vary: "Accept"],
            body: ResponseBody(contentsOf: pieces))
    }
}

extension TCPService<MetricsResponder> {
    /// The metrics on their port.
    static func metrics(of plant: LivePlant, _ logger: Logger, host: String, port: Int) -> TCPService {
        TCPService(
            plant: plant, logger: logger, responder: MetricsResponder(plant: plant), host: host, port: port,
            section: "metrics", what: "the metrics")
    }
}

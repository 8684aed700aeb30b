import Connections
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOSSL
import PlantAPI
import PlantConfiguration

/// Answers the requests over TLS: like those on the socket, once the list of who may ask names the caller.
///
/// A certificate of the client's counts, or `Authorization: Bearer TOKEN`. Whoever is named may look; changes need an operator.
struct RemoteResponder: HTTPResponder {
    typealias Context = CallContext

    let api: APIResponder
    let access: SecretPlace

    func respond(to request: Request, context: CallContext) async throws -> Response {
        do {
            guard let name = try await name(request, context.channel) else {
                var refusal = Problem.response(
                    .unauthorized,
                    "who asks is not known: give a token or a certificate that stands in api.tls.access_file of the site",
                    exit: .notPermitted)
                refusal.headers[.wwwAuthenticate] = "Bearer"
                return refusal
            }
            var context = context
            context.remote = Caller.remote(name)
            return try await api.respond(to: request, context: context)
        } catch let error as CommandError {
            api.logger.error("\(error.message)")
            // What is wrong with the list is for those at the site.
            return Problem.response(
                .internalServerError, "the site cannot tell who may ask: its log says why", exit: .notPermitted)
        }
    }

    private func name(_ request: Request, _ channel: any Channel) async throws -> String? {
        let list = try AccessList.read(access)
        let given = request.headers[.authorization] ?? ""
        if given.lowercased().hasPrefix("bearer ") {
            return list.name(ofToken: given.dropFirst(7).trimmingCharacters(in: .whitespaces))
        }
        guard let certificate = try await channel.nioSSL_peerCertificate().get() else { return nil }
        return try list.name(ofCertificate: certificate.toDERBytes())
    }
}

extension TCPService<RemoteResponder> {
    /// The API over TLS.
    static func remote(
        of plant: LivePlant, _ logger: Logger, _ listener: RemoteListener, host: String, port: Int
    ) -> TCPService {
        let responder = RemoteResponder(api: APIResponder(plant: plant, logger: logger), access: listener.access)
        return TCPService(
            plant: plant, logger: logger, responder: responder, host: host, port: port, section: "api.tls",
            what: "questions over TLS", encryption: listener)
    }
}

import Connections
import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle

/// Runs an HTTP server whose connections are in the plant's book, and ends it in time whatever its clients do.
struct GuardedServer: Sendable {
    let plant: LivePlant
    let limits: ConnectionLimits
    let logger: Logger
    /// What connections are encrypted with; nil: they are not.
    var identity: TLSIdentity?

    /// What clients are given to take their answers when the daemon stops.
    private static let farewell = Duration.seconds(3)

    /// Runs until the daemon stops; throws what keeps it from listening.
    func run<Responder: HTTPResponder>(
        _ responder: Responder, at address: BindAddress, listening: @escaping @Sendable () -> Void
    ) async throws where Responder.Context == CallContext {
        let server = Application(
            responder: PacedResponder(
                responder, waiting: plant.turnstiles.waiting, book: plant.connections),
            server: HTTPServerBuilder { [plant, limits, identity] responder in
                GuardedChannel(
                    http: HTTP1Channel(responder: responder), book: plant.connections, limits: limits,
                    identity: identity)
            },
            configuration: ApplicationConfiguration(address: address, serverName: "emsd"),
            onServerRunning: { channel in
                // Without a descriptor left an accept fails at once, again and again.
                let isPatient = channel.eventLoop.submit {
                    let patience = AcceptBackoffHandler(shouldForwardIOErrorCaught: false)
                    try channel.pipeline.syncOperations.addHandler(patience, position: .first)
                }
                try? await isPatient.get()
                listening()
            }, logger: logger)
        let (endings, say) = AsyncStream<Result<Void, any Error>?>.makeStream()
        let running = Task {
            do {
                try await server.run()
                say.yield(.success(()))
            } catch {
                say.yield(.failure(error))
            }
        }
        let ending = await withGracefulShutdownHandler {
            var ending: Result<Void, any Error>?
            for await end in endings {
                ending = end
                break
            }
            return ending
        } onGracefulShutdown: { [plant] in
            Task {
                // A link that hangs takes its time beside the clients that do.
                plant.polling.end()
                try? await Task.sleep(for: GuardedServer.farewell)
                plant.endAnswers()
                try? await Task.sleep(for: .milliseconds(500))
                // Whatever holds it up is left behind.
                say.yield(nil)
            }
        }
        running.cancel()
        try ending?.get()
    }
}

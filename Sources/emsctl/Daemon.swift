import AsyncHTTPClient
import Foundation
import NIOCore
import PlantAPI
import Platform
import Programs

/// The running daemon behind its socket, or behind `https://HOST:PORT`.
struct Daemon {
    let socket: String

    /// How long a place is asked for where too much is being answered at the time.
    var patience = Duration.seconds(15)

    /// How long nothing is answered before it is asked whether anybody is there at all.
    var silence = Duration.seconds(15)

    /// How long the answer to that may take.
    var life = TimeAmount.seconds(30)

    /// The daemon has too much to do, and says that it may be asked again.
    private struct Busy: Error {
        var commandError: CommandError
    }

    /// Asks for something and hands over the answer piece by piece; throws a ``CommandError``: 69 where no daemon answers,
    /// else what it says.
    func get(_ target: String, sink: ([UInt8]) throws -> Void) async throws -> ExitStatus {
        try await send(request(target), sink: sink)
    }

    /// Sends a JSON document and hands over the answer.
    func post(_ target: String, _ document: Data = Data(), sink: ([UInt8]) throws -> Void) async throws -> ExitStatus {
        var request = request(target)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: document))
        return try await send(request, sink: sink)
    }

    private func send(_ request: HTTPClientRequest, sink: ([UInt8]) throws -> Void) async throws -> ExitStatus {
        try check()
        var configuration = HTTPClient.Configuration()
        var request = request
        if RemoteAccess.isRemote(socket) {
            let access = try RemoteAccess()
            configuration.tlsConfiguration = access.tls
            configuration.timeout.connect = .seconds(10)
            if let token = access.token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        }
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let patience = MonotonicMoment.now + patience
        do {
            while true {
                do {
                    let status = try await receive(answer(to: request, by: client), sink: sink)
                    try await client.shutdown()
                    return status
                } catch let busy as Busy {
                    // Nothing was done yet. Readers that stand still lose their places by then.
                    guard MonotonicMoment.now < patience else { throw busy.commandError }
                    try await Task.sleep(for: .seconds(1))
                }
            }
        } catch let error where error is CommandError || error is ConfigurationRefusal || error is ReaderHungUp {
            try? await client.shutdown()
            throw error
        } catch {
            try? await client.shutdown()
            if RemoteAccess.isRemote(socket) {
                throw CommandError(
                    .unreachable,
                    "no daemon answers at \(socket) (\(error)): check the address, its certificate (EMSD_CA_FILE), and that "
                        + "api.tls stands in the configuration there", detail: "\(error)")
            }
            throw CommandError(
                .unreachable,
                "the daemon at \(socket) ended its answer early: it is stopping, or has too much to do",
                detail: "\(error)"
            )
        }
    }

    private func receive(_ response: HTTPClientResponse, sink: ([UInt8]) throws -> Void) async throws -> ExitStatus {
        guard (200..<300).contains(response.status.code) else {
            let body = try await response.body.collect(upTo: 1 << 20)
            guard let problem = try? JSONDecoder().decode(ProblemDocument.self, from: Data(body.readableBytesView))
            else {
                throw CommandError(
                    .inputOutput, "the daemon at \(socket) answered \(response.status.code) without saying why")
            }
            if let findings = problem.findings {
                throw ConfigurationRefusal(findings: findings + ["error: " + problem.detail])
            }
            let commandError = CommandError(problem.exit.flatMap(ExitStatus.init) ?? .inputOutput, problem.detail)
            let mayAskAgain = response.status == .serviceUnavailable && response.headers.contains(name: "Retry-After")
            if mayAskAgain { throw Busy(commandError: commandError) }
            throw commandError
        }
        // The daemon waits for nobody for long: what it sends is taken at once, also while a pager stands still.
        let spool = AnswerSpool()
        let body = response.body
        let taking = Task.detached {
            do {
                for try await chunk in body { try spool.put(Array(chunk.readableBytesView)) }
                spool.end(.success(()))
            } catch {
                spool.end(.failure(error))
            }
        }
        defer { taking.cancel() }
        while let piece = try await spool.next() { try sink(piece) }
        return response.headers.first(name: "Emsd-Exit-Status").flatMap(Int32.init).flatMap(ExitStatus.init) ?? .done
    }

    /// A request for something; over the socket, whose path is no name of a host, it names one as HTTP asks.
    func request(_ target: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url(target))
        if !RemoteAccess.isRemote(socket) { request.headers.add(name: "Host", value: "emsd") }
        return request
    }

    func url(_ target: String) -> String {
        if RemoteAccess.isRemote(socket) {
            return (socket.hasSuffix("/") ? String(socket.dropLast()) : socket) + target
        }
        let path = socket.hasPrefix("/") ? socket : FileManager.default.currentDirectoryPath + "/" + socket
        let escaped = path.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? path
        return "http+unix://\(escaped)\(target)"
    }

    /// Says clearly why no daemon can be reached, before anything is sent.
    private func check() throws {
        if RemoteAccess.isRemote(socket) { return }
        guard let code = UnixSocket.refusal(at: socket) else { return }
        switch code {
        case EACCES, EPERM:
            throw CommandError(
                .notPermitted, "you may not use the socket \(socket): become a member of the group emsd, or use sudo")
        case ENOENT:
            throw CommandError(
                .unreachable,
                "no daemon at \(socket): start it ('systemctl start emsd'), or give --socket or --database")
        default:
            throw CommandError(
                .unreachable,
                "no daemon answers at \(socket) (\(SystemFault.text(code))): start it, or give --socket or --database")
        }
    }
}

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL
import PlantConfiguration
import Platform
import Synchronization

/// Posts to one address, from a thread that waits for the answer.
final class HTTPPoster {
    /// What came back.
    struct Answer: Sendable {
        var status: Int
        /// Milliseconds after which it may be tried again, where the server says so.
        var retryAfter: Int64?
        var text: String
    }

    /// Milliseconds for a whole exchange, the last byte of the answer included.
    private let patience: Int64
    private let url: String
    private let client: HTTPClient
    private let isEnding: @Sendable () -> Bool

    /// A poster; throws where a certificate cannot be used.
    init(
        _ target: ForwardTarget, patience: Int64 = 30_000, isEnding: @escaping @Sendable () -> Bool
    ) throws(ForwardFailure) {
        self.patience = patience
        url = target.url
        self.isEnding = isEnding
        var configuration = HTTPClient.Configuration()
        configuration.timeout = .init(connect: .seconds(10), read: .seconds(30))
        configuration.redirectConfiguration = .disallow
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.idleTimeout = .seconds(30)
        configuration.httpVersion = .http1Only
        configuration.tlsConfiguration = try HTTPPoster.tls(target)
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    private static func tls(_ target: ForwardTarget) throws(ForwardFailure) -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        do {
            if let authority = target.authority {
                tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(authority))
            }
            if let certificate = target.certificate, let key = target.key {
                tls.certificateChain = try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) }
                tls.privateKey = .privateKey(try NIOSSLPrivateKey(file: key.file(), format: .pem))
            }
        } catch let failure as ForwardFailure {
            throw failure
        } catch {
            throw .denied("the certificates of \(target.name) cannot be used: \(error)")
        }
        return tls
    }

    /// Sends a body and waits for the answer.
    func post(_ body: [UInt8], _ headers: [(String, String)]) throws(ForwardFailure) -> Answer {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers = HTTPHeaders(headers)
        request.body = .bytes(ByteBuffer(bytes: body))
        let done = MonotonicSemaphore()
        let outcome = Mutex<Result<Answer, any Error>?>(nil)
        let end = WallClock.steadyMilliseconds() + patience
        let asking = Task.detached { [client, request, patience] in
            let result: Result<Answer, any Error>
            do {
                result = .success(try await HTTPPoster.ask(client, request, within: patience))
            } catch {
                result = .failure(error)
            }
            outcome.withLock { $0 = result }
            done.signal()
        }
        // The client's own limits end with the head of the answer: its text may come a byte at a time for days.
        while !done.wait(milliseconds: 200) {
            if isEnding() || WallClock.steadyMilliseconds() >= end { asking.cancel() }
        }
        do {
            guard let answer = try outcome.withLock({ $0 })?.get() else { throw ForwardFailure.ending }
            return answer
        } catch {
            if isEnding() { throw .ending }
            throw HTTPPoster.failure(error)
        }
    }

    private static func ask(
        _ client: HTTPClient, _ request: HTTPClientRequest, within patience: Int64
    ) async throws -> Answer {
        let response = try await client.execute(request, timeout: .milliseconds(patience))
        var text: [UInt8] = []
        for try await piece in response.body {
            text += piece.readableBytesView
            if text.count > 65_536 { break }
        }
        return Answer(
            status: Int(response.status.code),
            retryAfter: response.headers.first(name: "Retry-After").flatMap { RetryAfter.milliseconds(of: $0) },
            text: String(decoding: text.prefix(2000), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
    }

    private static func failure(_ error: any Error) -> ForwardFailure {
        let text = "\(error)"
        // A certificate that is not to be trusted is a matter for people; a connection that breaks is not.
        if error is NIOSSLError || text.contains("CERTIFICATE") || text.contains("handshakeFailed") {
            return .denied(
                "the server's certificate is not to be trusted, or it does not take ours: \(text.prefix(200))")
        }
        return .later("no answer: \(text.prefix(200))")
    }

    /// Ends the connections.
    func close() {
        let done = MonotonicSemaphore()
        Task.detached { [client] in
            try? await client.shutdown()
            done.signal()
        }
        _ = done.wait(milliseconds: 2000)
    }
}

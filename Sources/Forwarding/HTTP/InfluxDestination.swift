import Foundation
import Metering
import PlantConfiguration
import Platform

/// A store that takes InfluxDB's line protocol over HTTP: VictoriaMetrics, InfluxDB, and what speaks it.
final class InfluxDestination: ForwardDestination {
    /// Bytes of one request, before they are packed.
    private static let most = 1_000_000

    private let target: ForwardTarget
    private let lines: LineProtocol
    private let isEnding: @Sendable () -> Bool
    private var poster: HTTPPoster?
    private var bytes = 0

    /// A store.
    init(_ target: ForwardTarget, isEnding: @escaping @Sendable () -> Bool) {
        self.target = target
        self.isEnding = isEnding
        lines = LineProtocol(site: target.site, replaces: target.replaces)
    }

    func open(_ site: ForwardedSite) throws(ForwardFailure) -> Int? {
        if poster == nil { poster = try HTTPPoster(target, isEnding: isEnding) }
        return nil
    }

    func send(_ batch: ForwardBatch) throws(ForwardFailure) {
        let text = lines.text(batch)
        if text.isEmpty { return }
        if text.count > InfluxDestination.most, batch.count > 1 { throw .tooLarge("a request has a megabyte at most") }
        guard let poster else { throw .later("there is no connection") }
        let packed = GzipPress.packed(text)
        var headers = [("Content-Type", "text/plain; charset=utf-8"), ("User-Agent", "emsd")]
        if packed != nil { headers.append(("Content-Encoding", "gzip")) }
        if let authorization = try authorization() { headers.append(("Authorization", authorization)) }
        let body = packed ?? text
        let answer = try poster.post(body, headers)
        bytes += body.count
        let said = "\(answer.status)" + (answer.text.isEmpty ? "" : " \(answer.text)")
        switch answer.status {
        case 200..<300: return
        case 400, 422: throw .refused(said)
        case 413: throw .tooLarge(said)
        case 401, 403: throw .denied("the store does not let us in: \(said)")
        case 404, 405, 300..<400: throw .denied("the store takes nothing at this address: \(said)")
        default: throw .later("the store answers \(said)", after: answer.retryAfter)
        }
    }

    private func authorization() throws(ForwardFailure) -> String? {
        if let token = try target.token?.text() {
            // InfluxDB 2 has a word of its own.
            return (target.url.contains("/api/v2/") ? "Token " : "Bearer ") + token
        }
        guard let user = target.user else { return nil }
        let password = try target.password?.text() ?? ""
        return "Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
    }

    func beat(now: Instant) throws(ForwardFailure) {}

    func close() {
        poster?.close()
        poster = nil
    }

    func takeBytes() -> Int {
        defer { bytes = 0 }
        return bytes
    }
}

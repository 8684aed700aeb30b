import Connections
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import Metering
import NIOCore
import PlantAPI
import Platform
import Reports
import Verification

/// Answers requests for the pages on the gateway; it only reads.
struct PageResponder: HTTPResponder {
    typealias Context = CallContext

    let plant: LivePlant
    /// The hosts that a request may name, so that no page from elsewhere can borrow a browser's way in; nil: any.
    let hosts: Set<String>?

    func respond(to request: Request, context: CallContext) async throws -> Response {
        guard request.method == .get || request.method == .head else {
            return Problem.response(.methodNotAllowed, "the pages are only for reading", exit: .usage)
        }
        if let hosts, !hosts.contains(PageResponder.host(request.head.authority)) {
            return Problem.response(
                .notFound, "this page answers to \(hosts.sorted().joined(separator: ", ")) only: see web.listen",
                exit: .badInput)
        }
        do {
            return try await PageResponder.answer(plant, to: request)
                ?? Problem.response(.notFound, "there is no page at \(request.uri.path)", exit: .badInput)
        } catch let commandError as CommandError {
            return Problem.response(commandError)
        } catch let fault as ThreadFault {
            return Problem.response(CommandError(.unreachable, fault.description, matter: .busy))
        }
    }

    /// The page, style or script at a path; nil where there is none.
    static func answer(_ plant: LivePlant, to request: Request) async throws -> Response? {
        let path = request.uri.path
        switch path {
        case "/style.css": return response("text/css; charset=utf-8", PageStyle.css)
        case "/live.js": return response("text/javascript; charset=utf-8", PlantPages.script)
        default: break
        }
        let parts = path.split(separator: "/").map { $0.removingPercentEncoding ?? "" }
        let hours = request.uri.queryParameters.first { $0.key == "hours" }.flatMap { Int(String($0.value)) } ?? 24
        let place = try await plant.turnstiles.questions.enter()
        defer { withExtendedLifetime(place) {} }
        let record = try plant.record()
        let page = try await OwnThread.run("page") {
            let now = Instant(milliseconds: WallClock.milliseconds())
            return try PlantPages(record, now: now) { subject, at in
                try ExplanationQuery(subject: subject, at: at, format: .text)
                    .answer(record.store, calendar: record.calendar, now: now)
            }.page(parts, hours: hours)
        }
        return page.map { response("text/html; charset=utf-8", $0) }
    }

    private static func response(_ type: String, _ text: String) -> Response {
        var response = Response(
            status: .ok, headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
        for (name, value) in [
            ("Content-Security-Policy", PlantPages.contentSecurityPolicy), ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Resource-Policy", "same-origin"),
        ] {
            if let name = HTTPField.Name(name) { response.headers[name] = value }
        }
        return response
    }

    /// The host of `host:port`, `[::1]:port` or a bare host.
    static func host(_ authority: String?) -> String {
        let authority = (authority ?? "").lowercased()
        if authority.hasPrefix("[") { return String(authority.dropFirst().prefix { $0 != "]" }) }
        return String(authority.prefix { $0 != ":" })
    }

    /// The hosts that requests to a listener may name: of the machine's own address all its names, else any.
    static func hosts(of listener: String) -> Set<String>? {
        let own: Set<String> = ["localhost", "127.0.0.1", "::1"]
        return own.contains(listener) || listener.hasPrefix("127.") ? own.union([listener]) : nil
    }
}

extension TCPService<PageResponder> {
    /// The pages on their port.
    static func pages(of plant: LivePlant, _ logger: Logger, host: String, port: Int) -> TCPService {
        let responder = PageResponder(plant: plant, hosts: PageResponder.hosts(of: host))
        return TCPService(
            plant: plant, logger: logger, responder: responder, host: host, port: port, section: "web",
            what: "the pages")
    }
}

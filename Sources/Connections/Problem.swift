import Conformity
import Hummingbird
import PlantAPI

/// An error as the API says it: `application/problem+json`, with the exit status that a program should end with.
package enum Problem {
    package static func response(_ commandError: CommandError) -> Response {
        var response = response(status(commandError), commandError.message, exit: commandError.status)
        if commandError.matter == .busy { response.headers[.retryAfter] = "5" }
        return response
    }

    package static func response(_ refusal: ConfigurationRefusal) -> Response {
        response(
            .unprocessableContent, "the configuration was refused, the old one stays in force", exit: .configuration,
            findings: refusal.findings)
    }

    package static func response(
        _ status: HTTPResponse.Status, _ detail: String, exit: ExitStatus, findings: [String]? = nil
    ) -> Response {
        Response(
            status: status, headers: [.contentType: "application/problem+json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text(status, detail, exit: exit, findings: findings))))
    }

    /// The document alone.
    package static func text(
        _ status: HTTPResponse.Status, _ detail: String, exit: ExitStatus, findings: [String]? = nil
    ) -> String {
        let more = findings.map { [CanonicalJSON.Member("findings", .list($0.map { .text($0) }))] } ?? []
        let body = CanonicalJSON.object(
            [
                .init("type", .text("about:blank")), .init("title", .text(status.reasonPhrase)),
                .init("status", .integer(status.code)), .init("detail", .text(detail)),
                .init("exit", .integer(Int(exit.rawValue))),
            ] + more)
        return body.canonicalText + "\n"
    }

    private static func status(_ commandError: CommandError) -> HTTPResponse.Status {
        switch commandError.matter {
        case .absent: .notFound
        case .conflict: .conflict
        case .busy: .serviceUnavailable
        case .tooLarge: .contentTooLarge
        case .asSaid: status(commandError.status)
        }
    }

    private static func status(_ exit: ExitStatus) -> HTTPResponse.Status {
        switch exit {
        case .usage: .badRequest
        case .badInput: .unprocessableContent
        case .notPermitted: .forbidden
        case .configuration: .unprocessableContent
        case .unreachable: .serviceUnavailable
        default: .internalServerError
        }
    }
}

import Hummingbird

/// Answers requests on the metrics' TCP port: `GET /metrics` and nothing else.
struct MetricsResponder: HTTPResponder {
    typealias Context = CallContext

    let plant: LivePlant

    func respond(to request: Request, context: CallContext) async throws -> Response {
        guard request.method == .get, request.uri.path == "/metrics" else {
            return Problem.response(.notFound, "there is only GET /metrics here", exit: .badInput)
        }
        return try await MetricsResponder.answer(plant)
    }

    /// The metrics of this moment.
    static func answer(_ plant: LivePlant) async throws -> Response {
        let place = try await plant.doors.questions.enter()
        defer { withExtendedLifetime(place) {} }
        let text = try await OwnThread.run("metrics") { try MetricsText.of(plant) }
        return Response(
            status: .ok, headers: [.contentType: "application/openmetrics-text; version=1.0.0; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}

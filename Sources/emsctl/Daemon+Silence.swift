import AsyncHTTPClient
import NIOCore
import PlantAPI

extension Daemon {
    /// The beginning of the answer, however long the work for it takes.
    ///
    /// Throws a ``CommandError`` (69) where the daemon is there and answers nothing at all any more: it stands still.
    func answer(to request: HTTPClientRequest, by client: HTTPClient) async throws -> HTTPClientResponse {
        var question = self.request("/v1")
        if let access = request.headers.first(name: "Authorization") {
            question.headers.add(name: "Authorization", value: access)
        }
        return try await withThrowingTaskGroup(of: HTTPClientResponse?.self) { [question] group in
            defer { group.cancelAll() }
            group.addTask { try await client.execute(request, deadline: .distantFuture) }
            group.addTask {
                while true {
                    try await Task.sleep(for: silence)
                    guard try await isAlive(question, client) else { return nil }
                }
            }
            if let answer = try await group.next() ?? nil { return answer }
            throw CommandError(
                .unreachable,
                "the daemon at \(socket) is there and does not answer: it is starting, or stands still; see 'systemctl status "
                    + "emsd', or look into its database with --database")
        }
    }

    /// Whether a question about nothing is answered: whatever the answer is.
    private func isAlive(_ question: HTTPClientRequest, _ client: HTTPClient) async throws -> Bool {
        do {
            _ = try await client.execute(question, deadline: .now() + life).body.collect(upTo: 1 << 16)
            return true
        } catch {
            try Task.checkCancellation()
            return false
        }
    }
}

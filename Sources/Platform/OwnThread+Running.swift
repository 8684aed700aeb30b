extension OwnThread {
    /// Room for work of any kind; only what is touched takes memory.
    private static let ampleStack = 1 << 21

    /// Starts the work and returns at once; throws a ``ThreadFault`` where the system has no thread left.
    package static func start(_ name: String, _ work: @escaping @Sendable () -> Void) throws(ThreadFault) {
        try OwnThread(name: name, stackSize: ampleStack, work).detach()
    }

    /// Runs the work away from the cooperative pool and gives its result; throws what it throws, or a ``ThreadFault``.
    package static func run<T: Sendable>(
        _ name: String, _ work: @escaping @Sendable () throws -> T
    ) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try start(name) { continuation.resume(with: Result(catching: work)) }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }
}

import Foundation

/// Runs what blocks on a thread of its own, away from the cooperative pool.
enum OwnThread {
    /// Starts the work and returns at once.
    static func start(_ name: String, _ work: @escaping @Sendable () -> Void) {
        let thread = Thread(block: work)
        thread.name = name
        thread.start()
    }

    /// Runs the work and gives its result; throws what it throws.
    static func run<T: Sendable>(_ name: String, _ work: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            start(name) { continuation.resume(with: Result(catching: work)) }
        }
    }
}

import Foundation
import Modbus

/// Runs what blocks on a thread of its own, away from the cooperative pool.
enum OwnThread {
    /// Only what is touched takes memory.
    private static let stackSize = 1 << 21

    /// Starts the work and returns at once; throws a ``Complaint`` (69) where the system has no thread left.
    static func start(_ name: String, _ work: @escaping @Sendable () -> Void) throws {
        do {
            try BlockingThread(name: name, stackSize: stackSize, work).detach()
        } catch {
            throw Complaint(.unreachable, "\(error)", matter: .busy)
        }
    }

    /// Runs the work and gives its result; throws what it throws.
    static func run<T: Sendable>(_ name: String, _ work: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try start(name) { continuation.resume(with: Result(catching: work)) }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }
}

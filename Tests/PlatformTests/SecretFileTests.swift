import Foundation
import Platform
import Synchronization
import TestKit
import Testing

@Suite("a secret in a file")
struct SecretFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("a pipe that nobody writes into is no secret, and is not waited for")
    func pipe() throws {
        let path = folder.file("token")
        #expect(mkfifo(path, 0o600) == 0)
        let said = Mutex("")
        let done = MonotonicSemaphore()
        try OwnThread.start("secret") {
            do throws(SecretFile.Fault) {
                _ = try SecretFile.line(path)
            } catch {
                said.withLock { $0 = error.description }
            }
            done.signal()
        }
        #expect(done.wait(milliseconds: 60_000))
        #expect(said.withLock { $0 } == "the secret in \(path) is no file")
    }
}

import Foundation
import Platform
import Testing

@Suite("Waiting by the monotonic clock")
struct MonotonicSemaphoreTests {
    @Test("a wait that nobody ends ends by itself, and takes no signal")
    func timesOut() {
        let semaphore = MonotonicSemaphore()
        #expect(!semaphore.wait(milliseconds: 0))
        #expect(!semaphore.wait(milliseconds: 20))
        semaphore.signal()
        #expect(semaphore.wait(milliseconds: 0))
        #expect(!semaphore.wait(milliseconds: 0))
    }

    @Test("each signal ends one wait, also of another thread")
    func counts() {
        let (there, back) = (MonotonicSemaphore(), MonotonicSemaphore(1))
        let thread = Thread {
            for _ in 0..<1000 {
                there.wait()
                back.signal()
            }
        }
        thread.start()
        for _ in 0..<1000 {
            #expect(back.wait(milliseconds: 60_000))
            there.signal()
        }
        #expect(back.wait(milliseconds: 60_000))
    }

    /// Files with waits of that name that are not Dispatch's.
    private static let own = ["LineJob.swift", "DirectLine.swift"]

    /// Waits by the wall clock sleep on where it is set back: none may be left in the sources.
    @Test("no source waits with a limit that Dispatch or the wall clock keeps")
    func sources() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources")
        let files = try #require(FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil))
        var found: [String] = []
        for case let file as URL in files where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            for forbidden in ["wait(timeout:", "wallDeadline", "asyncAfter", "wait(until:"]
            where text.contains(forbidden) && !MonotonicSemaphoreTests.own.contains(file.lastPathComponent) {
                found.append("\(file.lastPathComponent): \(forbidden)")
            }
        }
        #expect(found.isEmpty)
    }
}

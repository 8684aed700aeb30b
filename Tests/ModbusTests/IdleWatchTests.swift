import Foundation
import Glibc
import Platform
import Testing

@testable import Modbus

@Suite("Waiting between two requests")
struct IdleWatchTests {
    private static var soon: Int64 { MonotonicTime.now() + 60_000_000_000 }

    @Test("what comes on the line, its end, and a wake end the wait", arguments: [false, true])
    func ends(isWatchedBySet: Bool) throws {
        let wake = WakeSignal()
        var watch = IdleWatch(wake: wake)
        if !isWatchedBySet {
            // No set takes a file: from then on all is watched without one.
            let file = open("/proc/self/exe", O_RDONLY)
            watch.add(file)
            close(file)
        }
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        watch.add(ends[0])
        #expect(watch.wait(ends[0], until: 0) == .late)
        var byte: UInt8 = 1
        #expect(write(ends[1], &byte, 1) == 1)
        #expect(watch.wait(ends[0], until: Self.soon) == .readable)
        #expect(read(ends[0], &byte, 1) == 1)
        close(ends[1])
        #expect(watch.wait(ends[0], until: Self.soon) == .hungUp)
        close(ends[0])
        wake.raise()
        #expect(watch.wait(-1, until: Self.soon) == .woken)
    }
}

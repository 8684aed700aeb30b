import Testing

@testable import Platform

@Suite("The time daemon's word on the clock")
struct TimeDaemonTests {
    @Test("its yes comes a moment after it was asked for, and counts")
    func synchronised() {
        let daemon = TimeDaemon(["/bin/echo", "yes"])
        #expect(!daemon.isSynchronised())
        let pause = MonotonicSemaphore()
        while !daemon.isSynchronised() { _ = pause.wait(milliseconds: 2) }
    }

    @Test(
        "anything else is a no, also that there is nobody to ask",
        arguments: [["/bin/echo", "no"], ["/bin/false"], ["/nowhere/timedatectl"]])
    func other(command: [String]) {
        let daemon = TimeDaemon(command)
        let pause = MonotonicSemaphore()
        for _ in 0..<20 {
            #expect(!daemon.isSynchronised())
            _ = pause.wait(milliseconds: 5)
        }
    }
}

import Synchronization
import Testing

@testable import Daemon

@Suite("How far the plant has come in its life")
struct PlantLifecycleTests {
    @Test("it runs, is told to end, and does not begin again then")
    func told() {
        let lifecycle = PlantLifecycle()
        #expect(lifecycle.phase == .running && !lifecycle.isStopping && !lifecycle.isRestarting)
        lifecycle.beginStop()
        lifecycle.beginStop()
        #expect(lifecycle.phase == .ending && lifecycle.isStopping && !lifecycle.isRestarting)
        #expect((lifecycle.beginAgain() == nil))
        #expect(lifecycle.phase == .ending)
    }

    @Test("it decides once to begin again, and remembers that when its services are told to end")
    func again() throws {
        let lifecycle = PlantLifecycle()
        let ends = Mutex(0)
        lifecycle.ends { ends.withLock { $0 += 1 } }
        let end = try #require(lifecycle.beginAgain())
        #expect(lifecycle.phase == .beginningAgain && !lifecycle.isStopping && lifecycle.isRestarting)
        #expect((lifecycle.beginAgain() == nil))
        end()
        lifecycle.beginStop()
        lifecycle.beginStop()
        #expect(lifecycle.phase == .endingToBeginAgain && lifecycle.isStopping && lifecycle.isRestarting)
        #expect(ends.withLock { $0 } == 1)
    }
}

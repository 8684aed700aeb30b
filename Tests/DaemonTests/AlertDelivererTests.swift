import Alerting
import Foundation
import Logging
import Metering
import Platform
import Storage
import Synchronization
import TestKit
import Testing

@testable import Daemon
@testable import PlantConfiguration

@Suite("The service that brings alerts into their files")
struct AlertDelivererTests {
    private static func quiet() -> Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }

    private static func enqueue(_ text: String, in store: PlantStore) throws -> Int {
        try store.write {
            try $0.enqueueAlert(time: Instant(milliseconds: 0), severity: "major", json: "{}", text: text)
        }
    }

    @Test("what is recorded stands in its file; it ends once the recorder has ended, with what came last")
    func delivered() throws {
        let folder = try TemporaryFolder()
        let store = try PlantStore(directory: folder.file("db"), access: .owner(create: true, sync: .normal))
        let file = Plant.AlertDestination(path: folder.file("alerts.txt"), format: .text, minimum: .info)
        let writer = try AlertWriter(outbox: store, files: [file])
        let recorderEnded = Mutex(false)
        let deliverer = AlertDeliverer(writer, last: 0, logger: Self.quiet()) { recorderEnded.withLock { $0 } }
        let ended = MonotonicSemaphore()
        try OwnThread.start("alerts") {
            deliverer.run()
            ended.signal()
        }
        deliverer.notice(try Self.enqueue("first", in: store))
        deliverer.end()
        #expect(!ended.wait(milliseconds: 1))
        #expect(deliverer.last == 1)
        let last = try Self.enqueue("last", in: store)
        recorderEnded.withLock { $0 = true }
        deliverer.notice(last)
        #expect(ended.wait(milliseconds: 60_000))
        #expect(try folder.lines(of: "alerts.txt").map { $0.contains("first") || $0.contains("last") } == [true, true])
        #expect(deliverer.faults.isEmpty)
        try store.close()
    }

    @Test("a file that cannot be written is said, and no more once it is written again")
    func unwritable() throws {
        let folder = try TemporaryFolder()
        let store = try PlantStore(directory: folder.file("db"), access: .owner(create: true, sync: .normal))
        // A directory stands where the file is to be.
        let path = folder.file("alerts.txt")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        let writer = try AlertWriter(
            outbox: store, files: [Plant.AlertDestination(path: path, format: .text, minimum: .info)])
        let deliverer = AlertDeliverer(writer, last: 0, logger: Self.quiet()) { true }
        _ = try Self.enqueue("waits", in: store)
        deliverer.end()
        deliverer.run()
        #expect(deliverer.faults.map(\.path) == [path])
        try FileManager.default.removeItem(atPath: path)
        deliverer.run()
        #expect(deliverer.faults.isEmpty)
        #expect(try folder.lines(of: "alerts.txt").count == 1)
        try store.close()
    }
}

import Conformity
import Foundation
import Logging
import Metering
import PlantConfiguration
import Platform
import RecordKit
import Storage
import Synchronization
import TestKit
import Testing

@testable import LiveRecording

@Suite("The disk")
struct DiskWatchTests {
    @Test("running low and having room again are said once each, with a distance between")
    func transitions() {
        var watch = DiskWatch()
        let megabytes: [Int64] = [500, 199, 150, 250, 299, 300, 250, 199]
        let news = megabytes.map { free in
            let news = watch.look(DiskSpace(free: free * 1_000_000, total: 64_000_000_000))
            if let news { watch.told(news) }
            return news
        }
        #expect(news == [nil, .low, nil, nil, nil, .enough, nil, .low])
    }

    @Test("what could not be told is new again")
    func untold() {
        let watch = DiskWatch()
        let space = DiskSpace(free: 1, total: 64_000_000_000)
        #expect(watch.look(space) == .low && watch.look(space) == .low)
    }

    @Test("what is to stay free is what the plant in force says, also after a reload")
    func reloaded() throws {
        let folder = try TemporaryFolder()
        func plant(_ kept: String) throws -> Plant {
            let text = """
                site: {name: Works, timezone: UTC}
                storage: {directory: \(folder.path), keep_free: \(kept)}
                meters: {m: {interval: 1s, points: {p: {kind: gauge}}}}
                """
            return try FinalRecord.plant(text, in: folder.path)
        }
        let inForce = Mutex(try plant("100MB"))
        let said = Mutex<[AlertEvent]>([])
        let store = try PlantStore(directory: folder.file("db"), access: .owner(create: true, sync: .normal))
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let keeper = DiskKeeper(
            store, plant: { inForce.withLock { $0 } }, logger: logger,
            space: { DiskSpace(free: 500_000_000, total: 64_000_000_000) },
            say: { alert in said.withLock { $0.append(alert.event) } })
        keeper.look(now: Instant(milliseconds: 0))
        #expect(said.withLock { $0 }.isEmpty && !keeper.isLow)
        let more = try plant("1GB")
        inForce.withLock { $0 = more }
        for _ in 0..<3 { keeper.look(now: Instant(milliseconds: 0)) }
        #expect(said.withLock { $0 } == [.diskLow] && keeper.isLow)
        let less = try plant("300MB")
        inForce.withLock { $0 = less }
        keeper.look(now: Instant(milliseconds: 0))
        #expect(said.withLock { $0 } == [.diskLow, .diskOK] && !keeper.isLow)
        try store.close()
    }
}

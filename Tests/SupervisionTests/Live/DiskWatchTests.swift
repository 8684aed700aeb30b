import Testing

@testable import Supervision

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
}

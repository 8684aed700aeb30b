import Testing

@testable import Supervision

@Suite("The disk")
struct DiskWatchTests {
    @Test("running low and having room again are said once each, with a distance between")
    func transitions() {
        var watch = DiskWatch()
        let mebibytes: [Int64] = [500, 199, 150, 250, 299, 300, 250, 199]
        let events = mebibytes.map { watch.look(free: $0 << 20, directory: "/var/lib/emsd")?.event }
        #expect(events == [nil, .diskLow, nil, nil, nil, .diskOK, nil, .diskLow])
    }
}

import Foundation
import Metering
import RecordKit
import TestKit
import Testing

@testable import ReadingFiles

@Suite("Recordings that nobody should send")
struct ReadingFileFuzzTests {
    @Test("rows of a recording are read or refused with their line")
    func rows() throws {
        let folder = try TemporaryFolder()
        let plant = try FinalRecord.plant(
            """
            site: {name: Works, timezone: UTC}
            meters: {m: {interval: 15m, points: {e: {kind: counter, max_rate: 1000}, p: {kind: gauge}}}}
            """, in: folder.path)
        let good = [
            "time,point,value,quality\n2026-01-01T00:00:00Z,m.p,1.5,good\n2026-01-01T00:00:01Z,m.e,,bad\n",
            "point,value,time\r\n\"m.p\",-0,2026-01-01T00:00:00+01:00\r\n", "time,point,value,reason\n",
            "time,point,value\n2026-01-01T00:00:00.123Z,m.p,1e308\n2026-01-01T00:00:00Z,m.e,12345678901234567890\n",
        ]
        for round in 0..<Rubbish.rounds {
            var rubbish = Rubbish(round: round)
            let path = folder.file("\(round % 2 == 0 ? "a.csv" : "a.csv.gz")")
            try Data(rubbish.bytes(like: good)).write(to: URL(fileURLWithPath: path))
            for skips in [false, true] {
                do {
                    let file = try ReadingFile(path: path, names: PointNames(plant), skipsBadRows: skips) { _ in }
                    var readings: [Reading] = []
                    while try file.read(100, into: &readings) {}
                } catch {
                    #expect(error.description.contains(path))
                }
            }
        }
    }
}

import Metering
import ReadingCodec

extension StoreReader {
    /// How many readings of a point lie in a stretch, and how many of them are usable; sealed ones are counted without being
    /// unpacked.
    package final func counts(_ point: PointIndex, in window: Window) throws -> (count: Int, usable: Int) {
        let id = number(ofPoint: point)
        var (count, usable) = (0, 0)
        let (from, to) = (window.start.milliseconds, window.end.milliseconds)
        func add(_ columns: ReadingColumns) {
            for index in 0..<columns.count where columns.times[index] >= from && columns.times[index] < to {
                count += 1
                if ReadingColumns.isUsable(columns.codes[index]) { usable += 1 }
            }
        }
        for header in try chunks(id, window) {
            if header.first >= from, header.last < to {
                count += header.count
                usable += header.usable
            } else {
                add(try unpack(id, header))
            }
        }
        add(try hotReadings(id, window))
        return (count, usable)
    }
}

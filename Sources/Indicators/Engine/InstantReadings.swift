import Metering

extension [Reading] {
    /// Adds a reading to those of its instant, in the place of an earlier one of its point.
    ///
    /// `isInOrder` is whether they are in the order of their points: where the next one is too, it is not there yet.
    @inline(__always)
    mutating func take(_ reading: Reading, inOrder isInOrder: inout Bool) {
        guard let last else {
            isInOrder = true
            return append(reading)
        }
        if isInOrder, last.point < reading.point { return append(reading) }
        if let same = lastIndex(where: { $0.point == reading.point }) {
            self[same] = reading
        } else {
            isInOrder = false
            append(reading)
        }
    }
}

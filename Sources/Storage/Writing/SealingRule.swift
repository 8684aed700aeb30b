/// When hot readings become chunks.
package struct SealingRule: Sendable, Hashable {
    /// As soon as one point has that many of them.
    package var readingsOfPoint: Int
    /// As soon as there are that many in all.
    package var readings: Int
    /// As soon as they reach over so many milliseconds of time.
    package var span: Int64
    /// Batches of at least that many readings become chunks at once.
    package var batch: Int
    /// About so many readings are sealed with one commit.
    package var step: Int

    /// A rule; as it stands it suits from ten points a second to two thousand in ten.
    ///
    /// A chunk has its place in the index, which costs some 1,000 to 5,000 bytes written whatever is in it: one of six
    /// hours is worth them, one of an hour is not. Hot rows for longer would be brought into the file themselves.
    package init(
        readingsOfPoint: Int = 2048, readings: Int = 1 << 22, span: Int64 = 12 * 3_600_000, batch: Int = 16_384,
        step: Int = 1 << 18
    ) {
        self.readingsOfPoint = readingsOfPoint
        self.readings = readings
        self.span = span
        self.batch = batch
        self.step = step
    }
}

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

    /// A rule; as it stands it suits from ten points a second to two thousand in ten.
    package init(readingsOfPoint: Int = 4096, readings: Int = 1 << 20, span: Int64 = 3_600_000, batch: Int = 16_384) {
        self.readingsOfPoint = readingsOfPoint
        self.readings = readings
        self.span = span
        self.batch = batch
    }
}

import Metering

/// A point prepared for polling.
struct PolledPoint {
    var index: PointIndex
    let name: String
    let decoder: RegisterDecoder
    /// Decoders that take its place later, ascending.
    let laterDecoders: [(from: Instant, decoder: RegisterDecoder)]
    let range: ClosedRange<Double>?
    let frozenAfter: Int64?
    /// Which of the meter's items holds its cells.
    let item: Int
    /// Which item holds its scale register.
    let scaleItem: Int?
    /// Every how many slots of the meter it is due.
    let every: Int64
    /// Whether the meter's condition needs it in every slot.
    let isStatus: Bool

    /// The value it last had, and since when; for `frozen_after`.
    var standing: Double = .nan
    var standingSince: Int64 = 0
}

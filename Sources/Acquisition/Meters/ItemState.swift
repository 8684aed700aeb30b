import Metering

/// What became of an item's cells in the present slot.
enum ItemState: Equatable {
    case notAsked
    case read
    case failed(Reason)
}

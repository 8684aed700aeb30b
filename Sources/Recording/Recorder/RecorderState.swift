import RecordKeeping

/// How a recorder's engine and judges stand to the store.
enum RecorderState {
    /// Another recorder has been at the store, which may know other names than the plan's: they are taken over with the next
    /// transaction, and then all is as with ``stale``.
    case estranged
    /// Engine and judges may say something else than the store: before anything else they are made anew from it, at once or
    /// a piece at a time. What comes in is held.
    case stale
    /// Judges and engine are being made anew from the store, a piece at a time; only the last piece writes anything. What comes
    /// in is held.
    case preparing(Preparation)
    /// The judges are what the store says, and the engine goes over the stored readings that its open windows need, a piece
    /// at a time. What comes in is held.
    case opening(EngineOpening)
    /// Engine and judges are what the store says, or ahead of it in what is held: readings are looked at as they come in.
    case open
}

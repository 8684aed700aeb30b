/// Why a target did not take a batch, as far as it decides what to do next.
enum ForwardFailure: Error, Sendable, Hashable {
    /// It may take it later: no connection, no answer, too busy. `after` is what it asks for, in milliseconds.
    case later(String, after: Int64? = nil)
    /// It wants less at a time.
    case tooLarge(String)
    /// Something in the batch is not to its liking, and will not be tomorrow either.
    case refused(String)
    /// It does not know us, or we do not trust it: a matter for people.
    case denied(String)
    /// The daemon stops, or the target is taken away.
    case ending

    /// The sentence.
    var message: String {
        switch self {
        case .later(let message, _), .tooLarge(let message), .refused(let message), .denied(let message): message
        case .ending: "the daemon is stopping"
        }
    }
}

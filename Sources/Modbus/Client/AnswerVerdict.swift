/// What the bytes received so far mean for the request under way.
package enum AnswerVerdict: Sendable, Hashable {
    /// More must come.
    case incomplete
    /// The answer's data lie at these bytes of the buffer.
    case answered(Range<Int>)
    /// The unit answered that it does not do this.
    case exception(UInt8)
    /// The unit answered, but not to what was asked: this ends the request.
    case nonsense
    /// The unit answered with another number of cells than was asked for.
    case otherLength
    /// The stream makes no sense any more and must be closed.
    case broken
}

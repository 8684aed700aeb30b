/// A simulated device behind one unit number of a served link.
package protocol AnsweringUnit: Sendable {
    /// The addresses it has.
    var extent: RegisterExtent { get }

    /// Sets the registers that a request asks for, and says how to answer it.
    ///
    /// Called from the threads of all connections, one at a time for each unit. The request is a read (functions 1 to 4) or device
    /// identification (43); all others are answered with exception 1 without asking.
    func prepare(_ request: ServerRequest, in registers: inout RegisterBank) -> AnswerPlan
}

/// Work of the recorder besides readings that cannot be done now and is tried again.
package struct WorkPutOff: Error, CustomStringConvertible {
    /// What cannot be done, and what that means for people: a clause.
    var what: String
    /// Why.
    var cause: any Error

    package var description: String { "\(what): \(cause)" }

    /// Does the work; throws a ``WorkPutOff`` where it throws.
    package static func unless<T>(_ what: String, _ work: () throws -> T) throws -> T {
        do { return try work() } catch { throw WorkPutOff(what: what, cause: error) }
    }
}

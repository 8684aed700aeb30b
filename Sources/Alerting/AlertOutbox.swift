import Storage

/// Where alerts wait until they are on disk in every configured file, and how far each file has come.
package protocol AlertOutbox: Sendable {
    /// The alerts after a number of the outbox, ascending, at most `limit`.
    func waiting(after number: Int, limit: Int) throws -> [AlertRecord]
    /// The highest number given; 0 where there is none.
    func head() throws -> Int
    /// How far a file has come; nil for one that was never configured before.
    func delivery(path: String) throws -> AlertDelivery?
    /// Records how far a file has come.
    func record(_ delivery: AlertDelivery) throws
}

import DatabaseFile
import GRDB
import Metering
import ReadingCodec

/// Questions to the database, all answered from one consistent state; only valid inside the closure that it was given
/// to.
///
/// Indices of points, indicators and objectives are those of the names that the store adopted. A question with a
/// closure may be asked again from inside the closure.
package class StoreReader {
    package let database: Database
    let identities: StoreIdentities
    private(set) lazy var codec = ChunkCodec()
    /// Chunks unpacked by questions before this one.
    final var unpacked = UnpackedChunks()
    /// By the database's number of a point, readings that are in the tail and not in the database yet; only filled for
    /// who reads beside a daemon, or after one that was killed.
    final var inTail: [Int64: ReadingColumns] = [:]
    /// Hot readings that were unpacked last.
    final var hotGroup: HotGroup?
    /// How often hot readings were asked for.
    final var hotQuestions = 0

    init(_ database: Database, _ identities: StoreIdentities) {
        self.database = database
        self.identities = identities
    }

    /// The names behind the indices.
    package final var names: StoreNames { identities.names }

    /// Makes a writer's own readings visible to the question that follows.
    package func settle() throws {}

    /// Runs `body` with a prepared statement and makes that ready for its next use.
    package final func with<T>(_ sql: String, _ body: (StoreStatement) throws -> T) throws -> T {
        let statement = try StoreStatement(database, sql)
        defer { statement.reset() }
        return try body(statement)
    }

    /// The first column of the first row as an integer; nil where there is no row, or null.
    package final func integer(_ sql: String, _ arguments: Int64...) throws -> Int64? {
        try with(sql) { statement in
            for (index, argument) in arguments.enumerated() { statement.bind(Int32(index + 1), argument) }
            return try statement.step() ? statement.int64OrNil(0) : nil
        }
    }
}

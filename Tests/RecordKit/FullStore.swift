import GRDB
import Metering
import Storage

extension PlantStore {
    /// Lets the database grow by so many pages from here, and refuse more as a full disk does.
    package func limit(morePages pages: Int) throws {
        try connection.maintain { database in
            let count = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            try database.execute(sql: "PRAGMA max_page_count = \(count + pages)")
        }
    }
}

extension Window {
    /// All of time.
    package static let all = Window(start: .distantPast, end: .distantFuture)
}

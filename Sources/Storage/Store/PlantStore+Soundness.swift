import DatabaseFile
import GRDB

extension PlantStore {
    /// The check that this database needs while it is in use; nil where it needs none.
    package func soundnessCheck() throws -> SoundnessCheck? {
        opening.isCheckDue ? try SoundnessCheck(path: path) : nil
    }

    /// What is wrong with the file as a file: pages, trees, indexes, tables; nil where it is sound. Reads all of it.
    package func damage() throws -> String? {
        do {
            return try connection.show { try SoundnessCheck.damage(in: $0) ?? SchemaCheck.difference(in: $0) }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
            return error.message ?? "database disk image is malformed"
        } catch {
            throw StoreFault(error, path: path)
        }
    }

    /// Notes that the check found nothing.
    package func noteSound() throws {
        do {
            try connection.write { try SoundnessCheck.note(isDue: false, in: $0) }
        } catch {
            throw StoreFault(error, path: path)
        }
    }

    /// Notes that the database in a directory is damaged: its next opening sets it aside and takes over what can be read
    /// of it.
    package static func noteDamage(_ damage: String, in directory: String) throws {
        try SoundnessCheck.note(damage, StoreConnection.path(in: directory))
    }
}

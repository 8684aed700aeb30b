import DatabaseFile
import GRDB

extension PlantStore {
    /// Puts a configuration in force in one transaction: it is kept with its files, things are renamed, the names of its
    /// plan are adopted, and `body` writes what else belongs to it.
    ///
    /// Killed before its end nothing of it has happened. Throws what the closure throws, or a ``StoreFault``.
    package func putInForce<T>(
        _ configuration: ConfigurationRecord, _ files: [KeptFile], renaming: [Renaming], names: StoreNames,
        _ body: (StoreWriter) throws -> T
    ) throws -> T {
        do {
            let (adopted, result) = try write { writer -> (StoreIdentities, T) in
                let version = try writer.putInForce(configuration, files)
                for renaming in renaming { try writer.carryOut(renaming, version: version) }
                let adopted = try writer.adopt(names)
                let new = try writer.with(adopted, version: version)
                let result = try body(new)
                try new.finish()
                return (adopted, result)
            }
            take(adopted)
            return result
        } catch let error as DatabaseError {
            throw StoreFault(error, path: path)
        }
    }
}

extension StoreWriter {
    fileprivate func adopt(_ names: StoreNames) throws -> StoreIdentities {
        try settle()
        state.forget()
        return try StoreIdentities.adopt(names, in: database)
    }

    fileprivate func with(_ identities: StoreIdentities, version: Int) throws -> StoreWriter {
        let writer = StoreWriter(database, identities, state, rule)
        writer.version = version
        return writer
    }
}

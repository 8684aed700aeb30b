import DatabaseFile
import Foundation
import GRDB
import Salvage

extension PlantStore {
    /// Takes over what can be read of a damaged database into a new one in `directory`.
    ///
    /// `source` is the file, or the directory in which it is `emsd.db`; nothing in it is changed, and no daemon may run
    /// on it. `also` ends the new database's record, e.g. with a line in its journal.
    package static func salvage(
        _ source: String, to directory: String, also: (StoreWriter, SalvageReport) throws -> Void = { _, _ in }
    ) throws -> SalvageReport {
        var isDirectory: ObjCBool = false
        let isThere = FileManager.default.fileExists(atPath: source, isDirectory: &isDirectory)
        let file = isThere && isDirectory.boolValue ? StoreConnection.path(in: source) : source
        guard FileManager.default.fileExists(atPath: file) else {
            throw StoreFault(.notFound, "there is no database \(file): name the damaged file, or its directory")
        }
        let home = (file as NSString).deletingLastPathComponent
        let place = home.isEmpty ? "." : home
        let lock = StoreConnection.lockPath(in: place)
        if (file as NSString).lastPathComponent == "emsd.db", OwnerLock.isHeld(lock) {
            throw StoreFault(
                .inUse, "a daemon runs on \(file): stop it first, or take a backup with 'emsctl backup'")
        }
        guard !FileManager.default.fileExists(atPath: StoreConnection.path(in: directory)) else {
            throw StoreFault(
                .cannotCreate, "there is a database in \(directory) already: choose another directory")
        }
        let store = try PlantStore(directory: directory, access: .owner(create: true, sync: .normal), salvaging: file)
        while try store.salvageStep(pages: 512)?.isDone == false {}
        guard let report = store.salvage?.report else {
            throw StoreFault(.io, "nothing of \(file) could be read: restore a backup")
        }
        try store.write { try also($0, report) }
        // With its identity the new database knows it as its own.
        try store.copyTail(from: place, to: directory)
        try store.close()
        return report
    }

    /// How far the salvage of a damaged database has come that was set aside when this one was opened, or before and is
    /// not done yet; nil where there is none.
    package var salvageReport: SalvageReport? { salvage?.report }

    /// Takes over the chunks of so many pages of a damaged database, in one transaction; nil where there is none.
    package func salvageStep(pages: Int = 64) throws -> SalvageReport? {
        guard let salvage else { return nil }
        if salvage.report.isDone { return salvage.report }
        do {
            let committed = try connection.write { database in
                let committed = try salvage.takeChunks(pages: pages, into: database)
                // What the writer remembers of the newest readings and chunks may not hold any more.
                state.forget()
                return committed
            }
            committed()
        } catch {
            throw StoreFault(error, path: path)
        }
        return salvage.report
    }

    /// The salvage that belongs to a database that was just opened; nil where there is none.
    ///
    /// A daemon records on whatever comes of it; what was asked for alone must succeed.
    static func salvage(
        _ damaged: String?, into connection: StoreConnection, _ opening: inout StoreOpening
    ) throws(StoreFault) -> DatabaseSalvage? {
        guard connection.isOwner else { return nil }
        do {
            if let source = damaged ?? opening.setAside { return try beginSalvage(of: source, into: connection) }
            return try resumedSalvage(into: connection)
        } catch {
            let fault = StoreFault(error, path: damaged ?? opening.setAside ?? "of the salvage")
            if damaged != nil { throw fault }
            opening.salvageFault = fault.message
            return nil
        }
    }

    /// Begins the salvage of the file at `source` into a database that was just made.
    private static func beginSalvage(of source: String, into connection: StoreConnection) throws -> DatabaseSalvage {
        try connection.write { database in
            let salvage = try DatabaseSalvage(source, into: database)
            try salvage.takeRecord(into: database)
            return salvage
        }
    }

    /// Goes on with a salvage that a stop of the daemon interrupted; nil where there is none, or its file is gone.
    private static func resumedSalvage(into connection: StoreConnection) throws -> DatabaseSalvage? {
        try connection.write { database in
            guard
                let source = try String.fetchOne(
                    database, sql: "SELECT value FROM meta WHERE key = ?", arguments: [DatabaseSalvage.note]),
                FileManager.default.fileExists(atPath: source)
            else { return nil }
            let salvage = try DatabaseSalvage(source, into: database)
            try salvage.resume(in: database)
            return salvage
        }
    }
}

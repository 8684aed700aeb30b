import Foundation
import Metering
import TestKit
import Testing

@testable import DatabaseFile
@testable import Storage

@Suite("A large database that was not closed properly")
struct SoundnessTests {
    private static let owner = PlantStore.Access.owner(create: true, sync: .normal)

    private func killed(_ damage: (inout Data) -> Void = { _ in }) throws -> TemporaryFolder {
        let directory = try TemporaryFolder()
        var store = try directory.store(sealing: SealingRule(readingsOfPoint: 50))
        var script = try PlantScript()
        for _ in 0..<300 { try script.write(to: store) }
        try store.close()
        store = try directory.store()
        let killed = try directory.copyAsKilled()
        try store.close()
        var bytes = try Data(contentsOf: URL(fileURLWithPath: killed.path + "/emsd.db"))
        damage(&bytes)
        try bytes.write(to: URL(fileURLWithPath: killed.path + "/emsd.db"))
        return killed
    }

    private func open(_ directory: TemporaryFolder) throws -> PlantStore {
        let store = try PlantStore(
            directory: directory.path, access: SoundnessTests.owner, salvaging: nil, checkingAtOnce: 0)
        try store.adopt(names())
        return store
    }

    @Test("is used at once and checked meanwhile, until a check has come to its end")
    func sound() throws {
        let directory = try killed()
        var store = try open(directory)
        #expect(store.opening.wasUnclean && store.opening.isCheckDue)
        var script = try PlantScript(store)
        try script.write(to: store)
        // Stopped in order before anybody checked it, it is still to be checked.
        try store.close()
        store = try open(directory)
        #expect(!store.opening.wasUnclean && store.opening.isCheckDue)
        let check = try #require(try store.soundnessCheck())
        #expect(try check.run() == nil)
        try store.noteSound()
        try store.close()
        store = try open(directory)
        #expect(store.opening == StoreOpening())
        #expect(try store.soundnessCheck() == nil)
        try Contents(of: store).expect(steps: 301)
    }

    @Test("is set aside by the next start when the check finds damage, with what was written meanwhile")
    func damaged() throws {
        let directory = try killed { bytes in
            // A page of the journal, which nobody reads who only records.
            let pages = stride(from: 0, to: bytes.count, by: 1024).filter { page in
                bytes[page] == 13 && bytes[page..<page + 1024].range(of: Data("\"type\":\"step\"".utf8)) != nil
            }
            let page = pages[pages.count / 2]
            bytes.replaceSubrange(page..<page + 1024, with: Data(repeating: 0x55, count: 1024))
        }
        var store = try open(directory)
        #expect(store.opening.isCheckDue && store.opening.setAside == nil)
        try store.write { _ = try $0.append([Reading(0, at(999_000), 42)]) }
        let damage = try #require(try store.soundnessCheck()?.run())
        try store.close()
        #expect(directory.files.contains("emsd.db.damage"))
        store = try open(directory)
        #expect(store.opening.damage == damage && store.opening.setAside != nil)
        while try store.salvageStep()?.isDone == false {}
        let readings = try store.read { try $0.readings(0, in: everything) }
        #expect(readings.count > 200 && readings.last?.value == 42)
        #expect(!directory.files.contains("emsd.db.damage"))
        #expect(try store.findings().isEmpty)
    }
}

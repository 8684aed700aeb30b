import Conformity
import GRDB
import Listings
import PlantAPI
import Storage
import Testing

@Suite("Evidence is held against the digests that it was recorded with")
struct EvidenceSealTests {
    /// The recorded plant after a change of its database, by whoever.
    private func plant(_ change: String?) throws -> RecordedPlant {
        let plant = try RecordedPlant()
        if let change {
            let queue = try DatabaseQueue(path: plant.directory + "/emsd.db")
            try queue.write { try $0.execute(sql: change) }
            try queue.close()
        }
        return plant
    }

    private func answer(_ plant: RecordedPlant, _ query: ListingQuery) throws -> (
        status: PlantAPI.ExitStatus, text: String
    ) {
        var text = ""
        let status = try PlantRecord(directory: plant.directory).answer(query) {
            text += String(decoding: $0, as: UTF8.self)
        }
        return (status, text)
    }

    private static let show = ListingQuery(.nonconformities, name: "NC-2026-0001", format: .table)

    @Test("what is as it was recorded is shown as before")
    func sound() throws {
        let plant = try plant(nil)
        let shown = try answer(plant, Self.show)
        #expect(shown.status == .done)
        #expect(shown.text.contains("(SHA-256, in the journal)") && !shown.text.contains("Damaged"))
        #expect(try answer(plant, ListingQuery(.nonconformities, format: .table)).status == .done)
        #expect(try !answer(plant, ListingQuery(.status, format: .table)).text.contains("evidence damaged"))
    }

    private static let changes: [(sql: String, fault: String)] = [
        ("UPDATE evidence SET value = 199 WHERE verdict = 'not_met'", "windows on record"),
        ("UPDATE evidence SET coverage = coverage * (1 - 1e-12)", "windows on record"),
        ("DELETE FROM evidence WHERE \"end\" = (SELECT max(\"end\") FROM evidence)", "windows on record"),
        ("UPDATE nonconformity SET points = replace(points, '250', '199')", "what was read of its points"),
        ("UPDATE nonconformity SET frozen = replace(frozen, '250', '199')", "known at its raising"),
        ("UPDATE nonconformity SET definition = replace(definition, '200', '300')", "what was required"),
        ("UPDATE nonconformity SET configuration = 'x' || substr(configuration, 2)", "what was required"),
        // Whoever changes the seal with it cannot change the journal.
        (
            "UPDATE evidence SET value = 199 WHERE verdict = 'not_met'; DELETE FROM meta WHERE key LIKE 'note.evidence.%'",
            "digest the journal has"
        ),
        (
            "UPDATE nonconformity SET frozen = replace(frozen, '250', '199'); "
                + "DELETE FROM meta WHERE key LIKE 'note.evidence.%'",
            "not what the journal has the digest of"
        ),
    ]

    @Test("what is not is said where it is shown and in the status, with exit status 1", arguments: changes)
    func damaged(_ change: (sql: String, fault: String)) throws {
        let plant = try plant(change.sql)
        var show = Self.show
        let shown = try answer(plant, show)
        #expect(shown.status == .notInOrder)
        #expect(shown.text.contains("Damaged") && shown.text.contains(change.fault), "\(shown.text)")
        #expect(!shown.text.contains("(SHA-256, in the journal)"))
        for format in [ListingFormat.json, .csv] {
            show.format = format
            #expect(try answer(plant, show).status == .notInOrder)
        }
        let status = try answer(plant, ListingQuery(.status, format: .table))
        #expect(status.status == .notInOrder)
        #expect(status.text.contains("evidence damaged of NC-2026-0001"), "\(status.text)")
        let isSealed = !change.sql.contains("DELETE FROM meta")
        let list = try answer(plant, ListingQuery(.nonconformities, format: .table))
        #expect(list.status == (isSealed ? .notInOrder : .done))
        #expect(list.text.contains("evidence damaged") == isSealed)
    }

    @Test("a step does not seal damage as if it were sound")
    func step() throws {
        let plant = try plant("UPDATE evidence SET value = 199; DELETE FROM journal")
        let store = try PlantStore(directory: plant.directory, access: .owner(create: false, sync: .normal))
        defer { try? store.close() }
        var found = try #require(try store.read { try $0.nonconformity("NC-2026-0001") })
        found.state = "acknowledged"
        try store.write { [found] in try $0.put(found) }
        #expect(try store.read { try $0.damagedEvidence().map(\.id) } == ["NC-2026-0001"])
    }
}

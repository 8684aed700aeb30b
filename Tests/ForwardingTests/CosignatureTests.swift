import Conformity
import Evidence
import Metering
import SignedNotes
import Synchronization
import TestKit
import Testing

@testable import Forwarding
@testable import PlantConfiguration
@testable import Storage

/// A register in which anybody may have written.
private final class OpenRegister: ForwardDestination {
    var rows: [RegisteredCosignature] = []
    var asked: [Int] = []

    func open(_ site: ForwardedSite) -> Int? { nil }
    func send(_ batch: ForwardBatch) {}
    func beat(now: Instant) {}
    func close() {}
    func takeBytes() -> Int { 0 }

    func cosignatures(after size: Int) -> [RegisteredCosignature] {
        asked.append(size)
        return rows.filter { $0.size > size }.sorted { $0.size < $1.size }
    }
}

/// What the intake gave on.
private final class Heard: Sendable {
    let kept = Mutex<[SignedNote]>([])
    let told = Mutex<[ForwardSurroundings.News]>([])
}

@Suite("what a witness said, taken from the register")
struct CosignatureTests {
    private static let office = SignerKey(name: "office.example/witness", for: .cosignature, seed: Array(2...33))!
    private static let stranger = SignerKey(name: "office.example/witness", for: .cosignature, seed: Array(3...34))!

    private let folder: TemporaryFolder
    private let store: PlantStore
    private let register = OpenRegister()
    private let heard = Heard()

    init() throws {
        folder = try TemporaryFolder()
        store = try PlantStore(directory: folder.path, access: .owner(create: true, sync: .normal))
        _ = try KeyFile.make(folder.file("audit.key"), name: "plant.example/emsd")
    }

    /// A head of the site over one line more than the last one.
    private func head() throws -> SignedNote {
        try store.write { writer in
            let head = try writer.journalHead()
            var chain = JournalChain(sequence: head.seq, hash: head.hash)
            let line = chain.append(text: "{\"seq\":\(head.seq + 1)}")
            try writer.appendJournal([
                JournalRecord(seq: line.sequence, time: Self.now, line: line.text, hash: line.hash)
            ])
        }
        let record = try HeadKeeper(store, environment: [:]).sign(now: Self.now)
        return try #require(SignedNote(text: record.note))
    }

    private static let now = Instant(milliseconds: 1_790_000_000_000)

    private func cosigned(_ body: String, by keys: SignerKey...) throws -> String {
        SignedNote(body: body, signatures: try keys.map { try $0.cosign(body, at: 1_790_000_001) }).text
    }

    private func intake(trusting keys: [VerifierKey] = [office.verifier]) -> CosignatureIntake {
        var target = ForwardTarget(name: "office", kind: .postgresql, url: "", site: "Works", streams: [.journal])
        target.witnesses = keys
        return CosignatureIntake(of: target)
    }

    private func take(_ intake: inout CosignatureIntake) throws {
        let (heard, store) = (heard, store)
        let around = ForwardSurroundings(
            now: { Self.now }, site: { ForwardedSite(version: "", configuration: "", objectives: []) },
            tell: { news in heard.told.withLock { $0.append(news) } },
            keep: { note in
                let found = try store.read {
                    try WitnessKeeper.statement(Array(note.text.utf8), at: Self.now, in: $0)
                }
                try store.write { try $0.keep(found) }
                heard.kept.withLock { $0.append(note) }
            }, log: { _ in })
        try intake.take(from: register, store, around)
    }

    @Test("it is put on record once, also over a new start, and what comes later is taken too")
    func taken() throws {
        let first = try head()
        register.rows = [.init(size: 1, note: try cosigned(first.body, by: Self.office))]
        var intake = intake()
        for _ in 0..<2 { try take(&intake) }
        #expect(heard.kept.withLock { $0.map(\.body) } == [first.body])
        let second = try head()
        register.rows.append(.init(size: 2, note: try cosigned(second.body, by: Self.office)))
        var begunAnew = self.intake()
        for _ in 0..<2 { try take(&begunAnew) }
        #expect(heard.kept.withLock { $0.map(\.body) } == [first.body, second.body])
        #expect(register.asked == [0, 1, 1, 2])
        #expect(heard.told.withLock { $0.isEmpty })
    }

    @Test("without its key nothing counts: it is told once, and hides nothing that comes after it")
    func stranger() throws {
        let note = try head()
        register.rows = [
            .init(size: 1, note: "rubbish"), .init(size: 1, note: try cosigned(note.body, by: Self.stranger)),
            .init(size: 1, note: note.text),
        ]
        var intake = intake()
        for _ in 0..<3 { try take(&intake) }
        #expect(heard.kept.withLock { $0.isEmpty })
        #expect(heard.told.withLock { $0.map(\.severity) } == [.warning, .warning, .warning])
        #expect(heard.told.withLock { $0.allSatisfy { $0.event == "witness_refused" } })
        register.rows.append(.init(size: 1, note: try cosigned(note.body, by: Self.office)))
        try take(&intake)
        #expect(heard.kept.withLock { $0.count } == 1)
    }

    @Test("of a note that others signed too, only what the witness signed is kept")
    func mixed() throws {
        let note = try head()
        register.rows = [.init(size: 1, note: try cosigned(note.body, by: Self.stranger, Self.office))]
        var intake = intake()
        try take(&intake)
        #expect(heard.kept.withLock { $0.map(\.text) } == [try cosigned(note.body, by: Self.office)])
    }

    @Test("a witness who signed another story in the site's name is an alarm")
    func anotherStory() throws {
        _ = try head()
        let other = Checkpoint(origin: "plant.example/emsd", size: 1, root: MerkleHash(line: "another"))
        register.rows = [.init(size: 1, note: try cosigned(other.body, by: Self.office))]
        var intake = intake()
        for _ in 0..<2 { try take(&intake) }
        #expect(heard.kept.withLock { $0.isEmpty })
        #expect(heard.told.withLock { $0.map(\.severity) } == [.critical])
    }

    @Test("who names no witness is not asked anything")
    func nobody() throws {
        let note = try head()
        register.rows = [.init(size: 1, note: try cosigned(note.body, by: Self.office))]
        var intake = intake(trusting: [])
        try take(&intake)
        #expect(register.asked.isEmpty)
        #expect(heard.kept.withLock { $0.isEmpty })
    }
}

import Conformity
import Evidence
import Fleet
import Metering
import SignedNotes
import Testing

@Suite("the journal of a site at head office")
struct SiteCheckTests {
    static let signer = SignerKey(name: "plant.example/emsd", seed: Array(0..<32))!
    static let now = Instant(milliseconds: 1_790_000_000_000)

    /// A journal of that many lines, of which the first names the key.
    static func journal(_ count: Int, word: String = "said") -> [JournalLine] {
        var chain = JournalChain()
        return (1...count).map { number in
            number == 1
                ? chain.append(text: "{\"seq\":1,\"type\":\"key.first\",\"vkey\":\"\(signer.verifier.text)\"}")
                : chain.append(text: "{\"seq\":\(number),\"type\":\"\(word)\"}")
        }
    }

    static func root(_ lines: some Sequence<JournalLine>) throws -> MerkleHash {
        let hashes = lines.map { MerkleHash(line: $0.text) }
        return try MerkleTree(size: hashes.count, from: LeafHashes(hashes)).root()
    }

    static func head(_ lines: some Collection<JournalLine>, by key: SignerKey = signer) throws -> RegisteredSite.Head {
        let checkpoint = Checkpoint(origin: key.verifier.name, size: lines.count, root: try root(lines))
        return .init(note: try checkpoint.signed(by: key).text, received: now - 3000)
    }

    static func report(
        _ lines: some Sequence<JournalLine>, heads: [RegisteredSite.Head] = [], seen: [SeenHead] = [],
        trusting: [VerifierKey] = [], change: (inout RegisteredSite) -> Void = { _ in }
    ) throws -> SiteReport {
        var site = RegisteredSite(name: "Works", lastSeen: now - 1000, lastLine: now - 2000, heads: heads, seen: seen)
        change(&site)
        var check = SiteCheck(site, trusting: trusting)
        for line in lines { check.take(line) }
        return try check.report(now: now)
    }

    @Test("it is in order where chain, heads and memory hold, at every size", arguments: [1, 2, 255, 256, 257, 700])
    func inOrder(size: Int) throws {
        let lines = Self.journal(size)
        let heads = try [1, size / 2, size].filter { $0 > 0 }.map { try Self.head(lines.prefix($0)) }
        let seen = SeenHead(size: (size + 1) / 2, root: try Self.root(lines.prefix((size + 1) / 2)), at: Self.now)
        let report = try Self.report(lines, heads: heads, seen: [seen])
        #expect(report.standing == .inOrder, "\(report.findings)")
        #expect(report.newest?.checkpoint.size == size)
        #expect(report.root == report.newest?.checkpoint.root)
    }

    @Test("every end that is cut off is named, with or without a head", arguments: 0..<9)
    func goesBack(left: Int) throws {
        let lines = Self.journal(10)
        let byHead = try Self.report(
            lines.prefix(left), heads: [Self.head(lines.prefix(9))], trusting: [Self.signer.verifier])
        let seen = SeenHead(size: 9, root: try Self.root(lines.prefix(9)), at: Self.now)
        let byMemory = try Self.report(lines.prefix(left), seen: [seen])
        for report in [byHead, byMemory] {
            #expect(report.standing == .alarm)
            #expect(report.alarms.contains { $0.hasPrefix("it goes back: \(left) lines") }, "\(report.alarms)")
        }
    }

    @Test("a journal that was built anew contradicts the head and the memory, each by itself")
    func rebuilt() throws {
        let (lines, other) = (Self.journal(300), Self.journal(300, word: "sang"))
        let seen = SeenHead(size: 257, root: try Self.root(lines.prefix(257)), at: Self.now)
        #expect(try Self.report(other, seen: [seen]).alarms.count == 1)
        #expect(try Self.report(other, heads: [Self.head(lines)]).alarms.first?.contains("two stories") == true)
        #expect(try Self.report(other, heads: [Self.head(other)]).standing == .inOrder)
    }

    @Test("a key that was given stands against the one that the journal names")
    func keys() throws {
        let thief = try #require(SignerKey(name: "plant.example/emsd", seed: Array(1...32)))
        let lines = Self.journal(3)
        #expect(try Self.report(lines, heads: [Self.head(lines, by: thief)]).standing == .alarm)
        let heads = [try Self.head(lines)]
        #expect(try Self.report(lines, heads: heads, trusting: [thief.verifier]).standing == .alarm)
        // Of whom no key was given, his journal names it.
        let another = try #require(SignerKey(name: "other.example/emsd", seed: Array(1...32)))
        #expect(try Self.report(lines, heads: heads, trusting: [another.verifier]).standing == .inOrder)
    }

    @Test("silence, a contradiction that nothing followed, and a site without a head are said")
    func standings() throws {
        let lines = Self.journal(3)
        #expect(try Self.report(lines).standing == .unsigned)
        let silent = try Self.report(lines) { $0.lastSeen = Self.now - 3_600_001 }
        #expect(silent.standing == .silent)
        #expect(!silent.isInOrder)
        let word = RegisteredSite.Contradiction(text: "it goes back", at: Self.now - 1000)
        #expect(try Self.report(lines) { $0.contradiction = word }.standing == .alarm)
        // Lines that came later show that it is the same journal after all.
        #expect(
            try Self.report(lines) { site in
                site.contradiction = word
                site.lastLine = Self.now
            }.standing == .unsigned)
    }

    @Test("a head is cosigned with the time, and only of a site that holds")
    func cosigning() throws {
        let witness = try #require(SignerKey(name: "office.example/witness", for: .cosignature, seed: Array(2...33)))
        let lines = Self.journal(4)
        let good = try Self.report(lines, heads: [Self.head(lines)])
        let bad = try Self.report(lines.dropLast(), heads: [Self.head(lines)])
        let made = try Cosigned.all([good, bad], by: witness, now: Self.now)
        #expect(made.count == 1)
        let note = try #require(made.first?.note)
        #expect(SignedNote(text: note.text)?.cosigned(by: witness.verifier) == Self.now.milliseconds / 1000)
        #expect(SignedNote(text: note.text.replacing("\n4\n", with: "\n5\n"))?.cosigned(by: witness.verifier) == nil)
        #expect(!note.isSigned(by: Self.signer.verifier))
    }
}

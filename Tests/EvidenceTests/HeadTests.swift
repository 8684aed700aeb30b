import Evidence
import SignedNotes
import Testing

@Suite struct HeadTests {
    static let key = SignerKey(name: "plant.example/emsd", seed: Array(0..<32))!
    static let published = """
        plant.example/emsd
        7
        dvpo18RK8btzv0bzCmuUOPlv0HkpCwZz+8gd7iMUHGs=

        — plant.example/emsd LzhJ5zVF35iMQWL+z/Ki8CS46MeavSMDrnRg7zqlE4LwhcDRq8PqBN8SUnSh7N7zAJHei78v246N15RmIMLNlk43AgY=

        """
    static let tree = MerkleTree(size: 7, from: LeafHashes((0..<7).map { MerkleHash(line: "line \($0)") }))

    @Test("the key of the published vector has its verifier key, and is read back from it")
    func verifierKey() {
        let text = "plant.example/emsd+2f3849e7+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
        #expect(Self.key.verifier.text == text)
        #expect(VerifierKey(text: text) == Self.key.verifier)
        #expect(SignerKey(name: Self.key.verifier.name, seed: Self.key.seed)?.verifier == Self.key.verifier)
        #expect(Self.key.verifier.fingerprint.split(separator: " ").count == 16)
    }

    @Test("the published head is verified, and a head of our own reads the same but for the signature")
    func head() throws {
        let note = try #require(SignedNote(text: Self.published))
        #expect(note.text == Self.published)
        #expect(note.isSigned(by: Self.key.verifier))
        let checkpoint = try #require(Checkpoint(body: note.body))
        #expect(checkpoint == Checkpoint(origin: "plant.example/emsd", size: 7, root: try Self.tree.root()))
        let own = try checkpoint.signed(by: Self.key)
        #expect(own.body == note.body)
        #expect(own.isSigned(by: Self.key.verifier))
    }

    @Test(
        "a head in which one character is another is not the key's",
        arguments: [
            ("7\n", "8\n"), ("dvpo", "dvpp"), ("plant.example/emsd\n7", "plant.example/emse\n7"),
            ("LzhJ5zVF", "LzhJ5zVG"),
        ])
    func changedHead(part: String, other: String) {
        let note = SignedNote(text: Self.published.replacing(part, with: other, maxReplacements: 1))
        #expect(note?.isSigned(by: Self.key.verifier) != true)
    }

    @Test(
        "what is no note, key or head is refused",
        arguments: [
            "", "\n", "\n\n", "a\n\n", "a\n\n— b\n", "a\n\n— b AAAA\n", "a\n\n- b AAAAAAAA\n", "a\n\n— b AAAAAAAA",
            "— b AAAAAAAA\n",
        ])
    func notNotes(text: String) {
        #expect(SignedNote(text: text) == nil)
        #expect(VerifierKey(text: text) == nil)
        #expect(Checkpoint(body: text) == nil)
        #expect(TransparencyProof(text: text) == nil)
    }

    @Test(
        "a size with a sign, zeros before it or beyond all bounds is no size",
        arguments: ["+7", "07", "-1", "7 ", "99999999999999999999"])
    func notSizes(size: String) {
        #expect(Checkpoint(body: "o\n\(size)\ndvpo18RK8btzv0bzCmuUOPlv0HkpCwZz+8gd7iMUHGs=\n") == nil)
    }

    @Test("a proof file holds all that proves its line, and no other line")
    func proofFile() throws {
        let inclusion = InclusionProof(index: 4, hashes: try Self.tree.inclusionProof(of: 4))
        let proof = TransparencyProof(inclusion, under: try #require(SignedNote(text: Self.published)))
        let read = try #require(TransparencyProof(text: proof.text))
        #expect(read == proof)
        #expect(read.proves(line: "line 4", by: Self.key.verifier))
        #expect(!read.proves(line: "line 5", by: Self.key.verifier))
        let stranger = try #require(SignerKey(name: "plant.example/emsd"))
        #expect(!read.proves(line: "line 4", by: stranger.verifier))
    }

    @Test("a witness signs the head with its time")
    func cosignature() throws {
        let note = try #require(SignedNote(text: Self.published))
        let witness = try #require(SignerKey(name: "head.example/witness"))
        let key = try #require(
            VerifierKey(name: "head.example/witness", purpose: .cosignature, publicKey: witness.verifier.publicKey))
        let time: [UInt8] = [0, 0, 0, 0, 0x65, 0, 0, 0]
        let message = "cosignature/v1\ntime \(0x6500_0000)\n" + note.body
        let cosigned = note.adding(
            NoteSignature(name: key.name, keyID: key.id, bytes: time + (try witness.sign(message).bytes)))
        let read = try #require(SignedNote(text: cosigned.text))
        #expect(read.cosigned(by: key) == 0x6500_0000)
        #expect(read.isSigned(by: Self.key.verifier))
        #expect(note.cosigned(by: key) == nil)
        #expect(read.cosigned(by: Self.key.verifier) == nil)
    }
}

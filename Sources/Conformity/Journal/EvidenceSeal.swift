import Crypto
import Metering

/// The digests of a nonconformity's evidence as it was stored: what is read later must fit them (Rules 10).
///
/// The parts have digests of their own, so that evidence that changes with a revision is sealed anew, and what stays is held
/// against the seal that it got when it was recorded.
package struct EvidenceSeal: Sendable, Hashable {
    /// The part of a nonconformity that a digest is about.
    package enum Part: String, Sendable, Hashable, CaseIterable {
        case windows
        case points
        /// What was known at the raising, with the demand as configured and the configuration's digest.
        case raising

        /// What is wrong where it does not fit.
        package var fault: String {
            switch self {
            case .windows: "the windows on record are not those that were recorded"
            case .points: "what was read of its points is not what was recorded"
            case .raising: "what was known at its raising, or what was required, is not what was recorded"
            }
        }
    }

    /// How many windows ``windows`` is of.
    package private(set) var count: Int
    private var digests: [Part: String]

    /// The seal of a nonconformity as it is.
    package init(_ found: Nonconformity) {
        (count, digests) = (0, [.windows: EvidenceSeal.start])
        for window in found.windows { append(window) }
        for part in [Part.points, .raising] { seal(part, of: found) }
    }

    /// A seal as ``text`` wrote it; nil where it is none.
    package init?(text: String) {
        let words = text.split(separator: " ")
        guard words.count == Part.allCases.count + 1, let count = Int(words[0]) else { return nil }
        self.count = count
        digests = Dictionary(uniqueKeysWithValues: zip(Part.allCases, words.dropFirst().map(String.init)))
    }

    /// The seal on one line.
    package var text: String {
        "\(count) " + Part.allCases.map { digests[$0] ?? "-" }.joined(separator: " ")
    }

    /// Takes in the next window: an episode may last for a year, and each of its windows costs one digest.
    package mutating func append(_ window: EvidenceWindow) {
        count += 1
        let before = digests[.windows] ?? EvidenceSeal.start
        digests[.windows] = JournalChain.hash(of: window.canonical.canonicalText, after: before)
    }

    /// Seals a part anew, because it was changed on purpose.
    package mutating func seal(_ part: Part, of found: Nonconformity) {
        guard part != .windows else {
            (count, digests[.windows]) = (0, EvidenceSeal.start)
            for window in found.windows { append(window) }
            return
        }
        let text = part == .points ? found.sealedPoints : found.sealedRaising
        digests[part] = JournalChain.hash(of: text.canonicalText, after: EvidenceSeal.start)
    }

    /// The parts of a nonconformity that do not fit the seal.
    package func misfits(of found: Nonconformity) -> [Part] {
        let present = EvidenceSeal(found)
        let isOther = count != present.count
        return Part.allCases.filter { digests[$0] != present.digests[$0] || $0 == .windows && isOther }
    }

    private static let start = String(repeating: "0", count: 64)
}

extension Nonconformity {
    fileprivate var sealedPoints: CanonicalJSON { .list(points.map(\.canonical)) }

    fileprivate var sealedRaising: CanonicalJSON {
        .object([
            .init("id", .text(id)), .init("definition", .text(definition)),
            .init("configuration", .text(configurationDigest)), .init("frozen", frozen?.canonical ?? .null),
        ])
    }
}

extension FrozenEvidence {
    fileprivate var canonical: CanonicalJSON {
        .object([
            .init("windows", .list(windows.map(\.canonical))), .init("points", .list(points.map(\.canonical))),
        ])
    }

    /// The digest that the journal has of it.
    package var digest: String { SHA256.hash(data: Array(canonical.canonicalText.utf8)).hexadecimal }
}

extension Nonconformity {
    /// Whether the evidence begins with what a digest of the journal is of: while an episode lasts it has got windows since.
    package func evidence(beginsWith digest: String) -> Bool {
        var hash = SHA256()
        func update(_ hash: inout SHA256, _ text: String) { hash.update(data: Array(text.utf8)) }
        let end = "],\"points\":" + CanonicalJSON.list(points.map(\.canonical)).canonicalText + "}"
        update(&hash, "{\"windows\":[")
        for index in 0...windows.count {
            var whole = hash
            update(&whole, end)
            if whole.finalize().hexadecimal == digest { return true }
            guard index < windows.count else { return false }
            update(&hash, (index > 0 ? "," : "") + windows[index].canonical.canonicalText)
        }
        return false
    }
}

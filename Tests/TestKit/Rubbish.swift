import Foundation

/// A seeded source of input that is wrong in one way or another, for the tests that let it at a parser: a parser may refuse
/// it, and must neither trap nor hang.
package struct Rubbish: RandomNumberGenerator, Sendable {
    /// How many inputs a test tries: a few in the suite, `FUZZ_ROUNDS` of them in `make soak`.
    package static let rounds = ProcessInfo.processInfo.environment["FUZZ_ROUNDS"].flatMap(Int.init) ?? 300
    /// Where the seeds begin: `FUZZ_SEED`, so that another night tries others.
    package static let seed = ProcessInfo.processInfo.environment["FUZZ_SEED"].flatMap(UInt64.init) ?? 1

    /// Numbers at which arithmetic ends, and other words that people and programs write.
    private static let words = [
        "0", "-0", "-1", "1e308", "-1e308", "1e-400", "1e999", "nan", "inf", "0x7fffffffffffffff", "0xffffffffffffffff",
        "9223372036854775807", "-9223372036854775808", "9223372036854775808", "18446744073709551616", "999999999",
        "1000000000", "99999999999999999999999999", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "2026-02-30",
        "24:00", "00:00-00:00", "-300000000y", "999999999y", "999999999mo", "999999999q", "999999999w", "999999999d",
        "1ms", "0s", "1/0", "0/1", "100%", "-5 %", "\u{FEFF}", "\u{202E}", "\u{0}", "é", "🏭", "\r\n", "\t", "\\", "\"",
        "'", "{", "}", "[", "]", "(", ")", ",", ":", ";", "&a", "*a", "!!str", "|", ">", "---", "...", "%", "#", "~",
        "null", "true", "+", "-", "*", "/", "==", "<=", "holding 65536", "input 4294967296", "400001", "49999",
    ]

    private var numbers: SeededNumbers

    /// The source of the inputs of one round.
    package init(round: Int) {
        numbers = SeededNumbers(
            seed: Rubbish.seed &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(round) &* 0xD1B5_4A32_D192_ED03)
    }

    package mutating func next() -> UInt64 { numbers.next() }

    /// A number below the bound.
    package mutating func below(_ bound: Int) -> Int { numbers.below(bound) }

    /// Bytes of any kind, up to so many.
    package mutating func bytes(upTo most: Int) -> [UInt8] {
        (0..<below(most + 1)).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    /// One of the good texts, changed in some places.
    package mutating func text(like good: [String]) -> String {
        var scalars = Array((good.randomElement(using: &self) ?? "").unicodeScalars)
        for _ in 0...below(4) {
            let place = below(scalars.count + 1)
            let length = min(below(12), scalars.count - place)
            switch below(7) {
            case 0: scalars.removeSubrange(place..<(place + length))
            case 1: scalars.insert(contentsOf: word().unicodeScalars, at: place)
            case 2: scalars.replaceSubrange(place..<(place + length), with: word().unicodeScalars)
            case 3:
                let other = Array((good.randomElement(using: &self) ?? "").unicodeScalars)
                let from = below(other.count + 1)
                scalars.insert(contentsOf: other[from..<min(from + below(40), other.count)], at: place)
            case 4:
                let piece = Array(scalars[place..<(place + length)])
                for _ in 0..<below(200) { scalars.insert(contentsOf: piece, at: place) }
            case 5: scalars.insert(Unicode.Scalar(UInt8(below(128))), at: place)
            default: replaceNumber(in: &scalars)
            }
        }
        return String(String.UnicodeScalarView(scalars))
    }

    /// The bytes of ``text(like:)``, some of them changed so that they are no text any more.
    package mutating func bytes(like good: [String]) -> [UInt8] {
        var bytes = Array(text(like: good).utf8)
        for _ in 0..<below(4) where !bytes.isEmpty { bytes[below(bytes.count)] = UInt8(truncatingIfNeeded: next()) }
        return bytes
    }

    private mutating func word() -> String { Rubbish.words.randomElement(using: &self) ?? "" }

    private mutating func replaceNumber(in scalars: inout [Unicode.Scalar]) {
        let digits = scalars.indices.filter { ("0"..."9").contains(scalars[$0]) }
        guard let start = digits.randomElement(using: &self) else { return }
        let end = scalars[start...].firstIndex { !("0"..."9").contains($0) } ?? scalars.endIndex
        scalars.replaceSubrange(start..<end, with: word().unicodeScalars)
    }
}

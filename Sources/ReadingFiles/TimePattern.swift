import Metering

/// How a time is written, such as `dd.MM.yyyy HH:mm`.
///
/// `yyyy`, `yy` (20yy), `MM`, `dd`, `HH` (24 is the end of the day), `hh` with `a` (AM, PM), `mm`, `ss`, `SSS` are that many
/// digits; `M`, `d`, `H`, `h`, `m`, `s` one or two; `X` is an offset (`Z`, `+01:00`, `+0100`). All else stands as it is;
/// letters between quotes.
package struct TimePattern: Sendable, Hashable {
    private enum Part: Sendable, Hashable {
        case digits(Character, Int)
        case half
        case offset
        case literal(UInt8)
    }

    /// What a text means: an instant, or what some clock showed, in milliseconds since 1970-01-01T00:00 of it.
    enum Meaning: Equatable {
        case instant(Instant)
        case shown(Int64)
    }

    private let parts: [Part]

    /// A pattern; nil where a letter of it means nothing, or it has no year, month and day.
    package init?(_ text: String) {
        var parts: [Part] = []
        var rest = Substring(text)
        while let letter = rest.first {
            let run = rest.prefix { $0 == letter }
            switch letter {
            case "y" where run.count == 2 || run.count == 4, "M" where run.count <= 2, "d" where run.count <= 2,
                "H" where run.count <= 2, "h" where run.count <= 2, "m" where run.count <= 2,
                "s" where run.count <= 2, "S" where run.count <= 9:
                parts.append(.digits(letter, run.count))
            case "a" where run.count == 1: parts.append(.half)
            case "X" where run.count <= 3: parts.append(.offset)
            case "'":
                let inside = rest.dropFirst().prefix { $0 != "'" }
                guard rest.dropFirst(inside.count + 1).first == "'" else { return nil }
                parts += inside.utf8.map(Part.literal)
                rest = rest.dropFirst(inside.count + 2)
                continue
            default:
                guard !letter.isLetter || !letter.isASCII else { return nil }
                parts += String(run).utf8.map(Part.literal)
            }
            rest = rest.dropFirst(run.count)
        }
        func has(_ letter: Character) -> Bool {
            parts.contains { if case .digits(letter, _) = $0 { true } else { false } }
        }
        guard has("y"), has("M"), has("d") else { return nil }
        self.parts = parts
    }

    /// A date and a time of day as ISO 8601 writes them, without an offset; seconds may be missing.
    static let plain = ["yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd HH:mm"]
        .compactMap(TimePattern.init)

    /// Whether it says an offset.
    package var hasOffset: Bool { parts.contains(.offset) }

    /// What a text means that is written so; nil where it is not.
    func meaning(_ bytes: UnsafeRawBufferPointer) -> Meaning? {
        var at = 0
        var numbers: [Character: Int] = [:]
        var isAfternoon: Bool?
        var offset: Int64?
        for part in parts {
            switch part {
            case .literal(let byte):
                guard at < bytes.count, bytes[at] == byte else { return nil }
                at += 1
            case .digits(let letter, let count):
                guard let number = TimePattern.number(bytes, &at, count) else { return nil }
                numbers[letter] = letter == "y" && count == 2 ? 2000 + number : number
                if letter == "S" { for _ in count..<max(count, 3) { numbers[letter]! *= 10 } }
                if letter == "S", count > 3 { for _ in 3..<count { numbers[letter]! /= 10 } }
            case .half:
                let word = String(decoding: bytes[at..<min(at + 2, bytes.count)], as: UTF8.self).uppercased()
                guard word == "AM" || word == "PM" else { return nil }
                isAfternoon = word == "PM"
                at += 2
            case .offset:
                guard let found = TimePattern.offset(bytes, &at) else { return nil }
                offset = found
            }
        }
        guard at == bytes.count, let shown = TimePattern.shown(numbers, isAfternoon) else { return nil }
        return offset.map { .instant(Instant(milliseconds: shown - $0)) } ?? .shown(shown)
    }

    private static func number(_ bytes: UnsafeRawBufferPointer, _ at: inout Int, _ count: Int) -> Int? {
        var number = 0
        var digits = 0
        while at < bytes.count, digits < max(2, count), (48...57).contains(bytes[at]) {
            number = number * 10 + Int(bytes[at] - 48)
            digits += 1
            at += 1
        }
        return digits == count || (count == 1 && digits == 2) ? number : nil
    }

    private static func offset(_ bytes: UnsafeRawBufferPointer, _ at: inout Int) -> Int64? {
        guard at < bytes.count else { return nil }
        let sign = bytes[at]
        at += 1
        if sign == UInt8(ascii: "Z") { return 0 }
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), let hours = number(bytes, &at, 2) else {
            return nil
        }
        if at < bytes.count, bytes[at] == UInt8(ascii: ":") { at += 1 }
        let minutes = at < bytes.count ? number(bytes, &at, 2) : 0
        guard let minutes, hours <= 18, minutes < 60 else { return nil }
        return Int64(hours * 60 + minutes) * (sign == UInt8(ascii: "-") ? -60_000 : 60_000)
    }

    private static func shown(_ numbers: [Character: Int], _ isAfternoon: Bool?) -> Int64? {
        guard let year = numbers["y"], let month = numbers["M"], let day = numbers["d"],
            let date = CivilDate(year: year, month: month, day: day)
        else { return nil }
        var hour = numbers["H"] ?? 0
        if let half = numbers["h"], let isAfternoon {
            guard (1...12).contains(half) else { return nil }
            hour = half % 12 + (isAfternoon ? 12 : 0)
        } else if let half = numbers["h"] {
            hour = half
        }
        let (minute, second, fraction) = (numbers["m"] ?? 0, numbers["s"] ?? 0, numbers["S"] ?? 0)
        guard hour < 24 || (hour == 24 && minute + second + fraction == 0), minute < 60, second < 60 else { return nil }
        return Int64(date.dayNumber) * 86_400_000 + Int64((hour * 60 + minute) * 60 + second) * 1000 + Int64(fraction)
    }
}

import Metering

extension Field {
    /// Free text: a title, a reference. A number is taken as it is written.
    package func text() -> String? {
        guard let scalar = node.scalar, !scalar.isNull else {
            wrong("text")
            return nil
        }
        if scalar.text.unicodeScalars.contains(where: { $0.value == 0 }) {
            error("\(label) has a NUL character in it")
            return nil
        }
        return scalar.text
    }

    /// Text that is not empty: a path, a host.
    package func name(_ noun: String) -> String? {
        guard let text = text() else { return nil }
        if text.isEmpty {
            error("\(label) takes \(noun), not nothing")
            return nil
        }
        return text
    }

    /// `true` or `false`.
    package func flag() -> Bool? {
        if let flag = node.scalar?.flag { return flag }
        wrong("true or false")
        return nil
    }

    /// A whole number in a range.
    package func integer(_ range: ClosedRange<Int64>) -> Int64? {
        guard let integer = node.scalar?.integer else {
            wrong("a whole number", hint: node.scalar.flatMap { CommonSlip.hexadecimal($0.text) })
            return nil
        }
        guard range.contains(integer) else {
            let wanted =
                range.upperBound >= 1_000_000_000
                ? "at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
            error("\(label) takes a whole number \(wanted), not \(integer)")
            return nil
        }
        return integer
    }

    /// A finite number.
    package func number() -> Double? {
        if let number = node.scalar?.number { return number }
        wrong("a number", hint: node.scalar.flatMap { CommonSlip.decimalPoint($0.text) })
        return nil
    }

    /// A finite number above zero.
    package func positive() -> Double? {
        guard let number = number() else { return nil }
        if number > 0 { return number }
        error("\(label) takes a number above 0, not \(node.scalar?.excerpt ?? "")")
        return nil
    }

    /// A length of time such as `15m`.
    package func length() -> CalendarLength? {
        guard let scalar = node.scalar, !scalar.isNull else {
            wrong("a duration such as 15m")
            return nil
        }
        if let length = CalendarLength(scalar.text) {
            // The calendar reaches to 2100, and a billion years of milliseconds would overflow.
            if length.count <= 100 || (length.step != .years && length.nominalMilliseconds <= WrittenDuration.longest) {
                return length
            }
            error("\(label) takes at most 100y, not \(length)")
            return nil
        }
        let hint = scalar.number.map { _ in " (did you mean '\(scalar.text)s'?)" } ?? ""
        error("\(label) takes a duration such as 500ms 5s 15m 1h 1d 1w 1mo 1q 1y, not '\(scalar.excerpt)'\(hint)")
        return nil
    }

    /// A length of time in milliseconds, where a month is 30 days and a year 365; 0 only where it is allowed.
    package func duration(_ range: ClosedRange<Int64> = 1...WrittenDuration.longest) -> Int64? {
        if range.contains(0), let text = node.scalar?.text, ["0", "0ms", "0s", "0m", "0h", "0d"].contains(text) {
            return 0
        }
        guard let length = length() else { return nil }
        let milliseconds = length.nominalMilliseconds
        guard range.contains(milliseconds) else {
            let bound =
                milliseconds > range.upperBound
                ? "at most \(WrittenDuration.text(range.upperBound))"
                : "at least \(WrittenDuration.text(range.lowerBound))"
            error("\(label) takes \(bound), not \(length)")
            return nil
        }
        return milliseconds
    }

    /// How much of a disk is to stay free, such as `200MB` or `5%`.
    package func keptSpace() -> KeptSpace? {
        guard let scalar = node.scalar, !scalar.isNull, let space = KeptSpace(scalar.text) else {
            wrong("a size or share of the disk such as 200MB, 1GiB or 5%")
            return nil
        }
        return space
    }

    /// A share written as decimal, fraction or percentage, from 0 to 1.
    package func share() -> ExactFraction? {
        guard let scalar = node.scalar, !scalar.isNull, let fraction = ExactFraction(scalar.text) else {
            let hint = node.scalar.flatMap { CommonSlip.decimalPoint($0.text) }
            wrong("a share such as 0.75, 2/3 or 75%", hint: hint)
            return nil
        }
        guard fraction.numerator >= 0, fraction.numerator <= fraction.denominator else {
            let hint =
                fraction.numerator > 0 && fraction.value <= 100 && !scalar.text.contains("%")
                ? " (did you mean '\(scalar.text)%'?)" : ""
            error("\(label) takes a share from 0 to 1, not \(scalar.excerpt)\(hint)")
            return nil
        }
        return fraction
    }

    /// One of some words.
    package func word<Word: RawRepresentable & CaseIterable>(_: Word.Type) -> Word? where Word.RawValue == String {
        let words = Word.allCases.map(\.rawValue)
        guard let scalar = node.scalar, !scalar.isNull else {
            wrong("one of \(words.joined(separator: ", "))")
            return nil
        }
        if let word = Word(rawValue: scalar.text) { return word }
        log.error(
            mark, "\(label) takes one of \(words.joined(separator: ", ")), not '\(scalar.excerpt)'", near: scalar.text,
            among: words)
        return nil
    }

    /// An instant (RFC 3339), or the first one of a local date.
    package func instant(_ calendar: SiteCalendar) -> Instant? {
        guard let scalar = node.scalar, !scalar.isNull else {
            wrong("a date or an instant")
            return nil
        }
        if let instant = Instant(scalar.text) { return instant }
        let parts = scalar.text.split(separator: "-", omittingEmptySubsequences: false)
        if parts.map(\.utf8.count) == [4, 2, 2], let year = Int(parts[0]), let month = Int(parts[1]),
            let day = Int(parts[2]),
            let date = CivilDate(year: year, month: month, day: day)
        {
            return calendar.start(of: date)
        }
        error(
            "\(label) takes a date such as 2026-11-01 or an instant such as 2026-11-01T06:00:00Z, not '\(scalar.excerpt)'"
        )
        return nil
    }
}

/// Lengths of time in messages, and the longest that is believed.
package enum WrittenDuration {
    /// A hundred years of 365 days.
    package static let longest: Int64 = 100 * 365 * 86_400_000

    /// The length in the largest unit that divides it.
    package static func text(_ milliseconds: Int64) -> String {
        for (unit, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)] as [(String, Int64)]
        where milliseconds != 0 && milliseconds % size == 0 {
            return "\(milliseconds / size)\(unit)"
        }
        return "\(milliseconds)ms"
    }
}

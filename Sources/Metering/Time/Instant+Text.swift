extension Instant {
    /// The instant as RFC 3339 in UTC; milliseconds are written only where they are not zero.
    package var text: String { Instant.text(of: self, offset: 0) }

    /// The instant as RFC 3339 at an offset of that many milliseconds from UTC: `2026-03-29T03:00:00+02:00`.
    ///
    /// The offset 0 is written `Z`. What lies outside the years 0000 to 9999 is written as the first or last moment of
    /// them.
    package static func text(of instant: Instant, offset: Int64) -> String {
        let local = min(max(instant.milliseconds + offset, firstWritten), lastWritten)
        let day = local >= 0 ? local / 86_400_000 : (local - 86_399_999) / 86_400_000
        let (year, month, dayOfMonth) = CivilDate(dayNumber: Int(day)).components
        let inDay = Int(local - day * 86_400_000)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        func put(_ number: Int, _ width: Int) {
            var divisor = 1
            for _ in 1..<width { divisor *= 10 }
            while divisor > 0 {
                bytes.append(UInt8(48 + number / divisor % 10))
                divisor /= 10
            }
        }
        put(year, 4)
        bytes.append(UInt8(ascii: "-"))
        put(month, 2)
        bytes.append(UInt8(ascii: "-"))
        put(dayOfMonth, 2)
        bytes.append(UInt8(ascii: "T"))
        put(inDay / 3_600_000, 2)
        bytes.append(UInt8(ascii: ":"))
        put(inDay / 60_000 % 60, 2)
        bytes.append(UInt8(ascii: ":"))
        put(inDay / 1000 % 60, 2)
        if inDay % 1000 != 0 {
            bytes.append(UInt8(ascii: "."))
            put(inDay % 1000, 3)
        }
        if offset == 0 {
            bytes.append(UInt8(ascii: "Z"))
        } else {
            bytes.append(UInt8(ascii: offset < 0 ? "-" : "+"))
            let minutes = Int(abs(offset)) / 60_000
            put(minutes / 60, 2)
            bytes.append(UInt8(ascii: ":"))
            put(minutes % 60, 2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The instant written as RFC 3339 with `Z` or an offset; nil for anything else.
    ///
    /// A fraction finer than a millisecond is cut off.
    package init?(_ text: String) {
        var text = text
        let parsed = text.withUTF8 { Instant(rfc3339: UnsafeRawBufferPointer($0)) }
        guard let parsed else { return nil }
        self = parsed
    }

    /// The instant written as RFC 3339 in those bytes; nil for anything else. This is the fast path of replay.
    package init?(rfc3339 bytes: UnsafeRawBufferPointer) {
        let count = bytes.count
        guard count >= 20 else { return nil }
        var valid = true
        func digits(_ from: Int, _ length: Int) -> Int {
            var number = 0
            for index in from..<(from + length) {
                let digit = Int(bytes[index]) - 48
                if digit < 0 || digit > 9 { valid = false }
                number = number * 10 + digit
            }
            return number
        }
        let year = digits(0, 4)
        let month = digits(5, 2)
        let day = digits(8, 2)
        let hour = digits(11, 2)
        let minute = digits(14, 2)
        let second = digits(17, 2)
        guard valid, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: "t") || bytes[10] == UInt8(ascii: " "),
            bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"), hour < 24, minute < 60, second < 60,
            let date = CivilDate(year: year, month: month, day: day)
        else { return nil }
        var position = 19
        var fraction = 0
        if bytes[position] == UInt8(ascii: ".") {
            position += 1
            var weight = 100
            let start = position
            while position < count, bytes[position] >= 48, bytes[position] <= 57 {
                fraction += (Int(bytes[position]) - 48) * weight
                weight /= 10
                position += 1
            }
            guard position > start, position < count else { return nil }
        }
        var offset = 0
        switch bytes[position] {
        case UInt8(ascii: "Z"), UInt8(ascii: "z"):
            guard position + 1 == count else { return nil }
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            guard position + 6 == count, bytes[position + 3] == UInt8(ascii: ":") else { return nil }
            let hours = digits(position + 1, 2)
            let minutes = digits(position + 4, 2)
            guard valid, hours < 24, minutes < 60 else { return nil }
            offset = (hours * 60 + minutes) * 60_000
            if bytes[position] == UInt8(ascii: "-") { offset = -offset }
        default: return nil
        }
        let inDay = ((hour * 60 + minute) * 60 + second) * 1000 + fraction - offset
        milliseconds = Int64(date.dayNumber) * 86_400_000 + Int64(inDay)
    }
}

extension Instant {
    /// 0000-01-01T00:00:00Z and 9999-12-31T23:59:59.999Z, in milliseconds since 1970.
    private static let firstWritten: Int64 = -62_167_219_200_000
    private static let lastWritten: Int64 = 253_402_300_799_999
}

extension Instant: CustomStringConvertible {
    package var description: String { text }
}

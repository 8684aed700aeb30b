import Conformity
import Crypto
import Metering

/// Readings of one point as the CSV that is sealed and handed over: the columns `time,point,value,quality,reason`, a header,
/// line feeds, UTF-8; times in UTC, numbers the shortest that read back the same, no value and no reason left empty.
///
/// They stand as they were read: what the counter rules decided about them is in the ledger.
package struct CanonicalReadings {
    /// The line before the first reading.
    package static let header = "time,point,value,quality,reason\n"

    private let point: [UInt8]
    private var day = Int64.min
    /// One line, in which the date, which is the same for thousands of readings, and the point stand already.
    private var line: [UInt8]

    /// The readings of the point with that name.
    package init(of point: String) {
        self.point = Array(point.utf8)
        line = []
    }

    /// Appends a reading's line.
    package mutating func write(_ reading: Reading, into bytes: inout [UInt8]) {
        let milliseconds = reading.time.milliseconds
        let day = (milliseconds >= 0 ? milliseconds : milliseconds - 86_399_999) / 86_400_000
        if day != self.day { begin(day) }
        let name = point
        let length = line.withUnsafeMutableBufferPointer { buffer in
            var text = LineWriter(buffer, at: buffer.count - Self.room - name.count)
            text.time(Int(milliseconds - day * 86_400_000))
            text.put(UInt8(ascii: ","))
            name.withUnsafeBufferPointer { text.put($0) }
            text.put(UInt8(ascii: ","))
            if reading.isUsable { text.put(reading.value) }
            text.put(UInt8(ascii: ","))
            text.put(reading.quality.text)
            text.put(UInt8(ascii: ","))
            if reading.reason != .none { text.put(reading.reason.text) }
            text.put(UInt8(ascii: "\n"))
            return text.place
        }
        line.withUnsafeBufferPointer { bytes.append(contentsOf: UnsafeBufferPointer(rebasing: $0[..<length])) }
    }

    /// The bytes that a line takes at the most besides its date and the name of its point: a number has 24, and no word of a
    /// quality or reason comes near the rest.
    private static let room = 160

    private mutating func begin(_ day: Int64) {
        self.day = day
        let date = Array(Instant(milliseconds: day * 86_400_000).text.utf8.prefix { $0 != UInt8(ascii: "T") })
        line = date + [UInt8](repeating: 0, count: Self.room + point.count)
    }
}

/// Writes a line of CSV into a buffer that is large enough.
private struct LineWriter {
    private let bytes: UnsafeMutableBufferPointer<UInt8>
    /// How many bytes were written.
    private(set) var place: Int

    init(_ bytes: UnsafeMutableBufferPointer<UInt8>, at place: Int) { (self.bytes, self.place) = (bytes, place) }

    mutating func put(_ byte: UInt8) {
        bytes[place] = byte
        place += 1
    }

    mutating func put(_ text: UnsafeBufferPointer<UInt8>) {
        for byte in text { put(byte) }
    }

    mutating func put(_ text: String) {
        for byte in text.utf8 { put(byte) }
    }

    /// The time in its day as ``Instant/text`` has it.
    mutating func time(_ inDay: Int) {
        put(UInt8(ascii: "T"))
        two(inDay / 3_600_000)
        put(UInt8(ascii: ":"))
        two(inDay / 60_000 % 60)
        put(UInt8(ascii: ":"))
        two(inDay / 1000 % 60)
        let rest = inDay % 1000
        if rest != 0 {
            put(UInt8(ascii: "."))
            put(UInt8(48 + rest / 100))
            two(rest % 100)
        }
        put(UInt8(ascii: "Z"))
    }

    /// The number as ``CanonicalJSON/text(of:)`` has it.
    ///
    /// Meters give few decimals. Of decimals with 15 digits no two are the same number, so one that reads back the same is
    /// the shortest.
    mutating func put(_ number: Double) {
        let size = abs(number)
        let scaled = (size * 10_000).rounded()
        guard size < 1e10, scaled / 10_000 == size else { return put(CanonicalJSON.text(of: number)) }
        var (whole, rest) = Int(scaled).quotientAndRemainder(dividingBy: 10_000)
        if number < 0 { put(UInt8(ascii: "-")) }
        var digits = 1
        var power = 10
        while power <= whole { (digits, power) = (digits + 1, power * 10) }
        for digit in stride(from: place + digits - 1, through: place, by: -1) {
            bytes[digit] = UInt8(48 + whole % 10)
            whole /= 10
        }
        place += digits
        guard rest > 0 else { return }
        put(UInt8(ascii: "."))
        var unit = 1000
        while rest > 0 {
            put(UInt8(48 + rest / unit))
            (rest, unit) = (rest % unit, unit / 10)
        }
    }

    private mutating func two(_ number: Int) {
        put(UInt8(48 + number / 10))
        put(UInt8(48 + number % 10))
    }
}

/// SHA-256 over what is written, and how much that was.
package struct SealDigest {
    private var hasher = SHA256()
    private var buffer: [UInt8] = []
    /// How many lines were written, the header not counted.
    package private(set) var count = 0
    /// The first and last time written.
    package private(set) var span: (first: Instant, last: Instant)?

    /// The 32 bytes of a text's SHA-256.
    static func of(_ text: String) -> [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }

    /// The SHA-256 of bytes, in lower-case hex.
    package static func hex(_ bytes: [UInt8]) -> String { SHA256.hash(data: bytes).hexadecimal }

    /// A digest that begins with a header.
    package init(header: String) { buffer += header.utf8 }

    /// Adds a line of that time, which `write` appends.
    package mutating func add(_ time: Instant, _ write: (inout [UInt8]) -> Void) {
        write(&buffer)
        span = (span?.first ?? time, time)
        count += 1
        if buffer.count > 65_536 { flush() }
    }

    /// The digest in lower-case hex, of all that was added.
    package mutating func finish() -> String {
        flush()
        return hasher.finalize().hexadecimal
    }

    private mutating func flush() {
        buffer.withUnsafeBytes { hasher.update(bufferPointer: $0) }
        buffer.removeAll(keepingCapacity: true)
    }
}

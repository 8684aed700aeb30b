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
    private var date: [UInt8] = []

    /// The readings of the point with that name.
    package init(of point: String) { self.point = Array(point.utf8) }

    /// Appends a reading's line.
    package mutating func write(_ reading: Reading, into bytes: inout [UInt8]) {
        write(reading.time, into: &bytes)
        bytes.append(UInt8(ascii: ","))
        bytes += point
        bytes.append(UInt8(ascii: ","))
        if reading.isUsable { bytes += CanonicalJSON.text(of: reading.value).utf8 }
        bytes.append(UInt8(ascii: ","))
        bytes += reading.quality.text.utf8
        bytes.append(UInt8(ascii: ","))
        if reading.reason != .none { bytes += reading.reason.text.utf8 }
        bytes.append(UInt8(ascii: "\n"))
    }

    /// The time as ``Instant/text`` has it; the date, which is the same for thousands of readings, is kept.
    private mutating func write(_ time: Instant, into bytes: inout [UInt8]) {
        let milliseconds = time.milliseconds
        let day = (milliseconds >= 0 ? milliseconds : milliseconds - 86_399_999) / 86_400_000
        if day != self.day {
            self.day = day
            date = Array(Instant(milliseconds: day * 86_400_000).text.utf8.prefix { $0 != UInt8(ascii: "T") })
        }
        let inDay = Int(milliseconds - day * 86_400_000)
        bytes += date
        bytes.append(UInt8(ascii: "T"))
        Self.two(inDay / 3_600_000, into: &bytes)
        bytes.append(UInt8(ascii: ":"))
        Self.two(inDay / 60_000 % 60, into: &bytes)
        bytes.append(UInt8(ascii: ":"))
        Self.two(inDay / 1000 % 60, into: &bytes)
        let rest = inDay % 1000
        if rest != 0 {
            bytes.append(UInt8(ascii: "."))
            bytes.append(UInt8(48 + rest / 100))
            Self.two(rest % 100, into: &bytes)
        }
        bytes.append(UInt8(ascii: "Z"))
    }

    private static func two(_ number: Int, into bytes: inout [UInt8]) {
        bytes.append(UInt8(48 + number / 10))
        bytes.append(UInt8(48 + number % 10))
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

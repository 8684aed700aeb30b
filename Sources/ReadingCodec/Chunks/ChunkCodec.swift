import Foundation
import Metering

/// Packs the readings of one point into a chunk and unpacks them bit for bit.
///
/// ## Format, version 2
/// Integers are little-endian base 128 (seven bits a byte, lowest first; the top bit: more follow); "signed" ones are
/// zigzag-mapped first.
///
/// | part | content |
/// |---|---|
/// | count | unsigned: readings |
/// | usable | unsigned: good and uncertain readings |
/// | runs | unsigned: number of runs, 0 when all are good; for each quality, reason (1 byte each), length (unsigned) |
/// | times | header of an ``IntegerSeries`` of `count` integers: milliseconds since 1970, UTC |
/// | values | if `usable` > 0: ``NumberForm`` (1 byte), plus 128 where they have a table; exponent (1 byte) |
/// | table | if they have one: unsigned: its length, header of an ``IntegerSeries``: the distinct values, ascending |
/// | | header of an ``IntegerSeries`` of `usable`: the values, or their places in the table, from 0 |
/// | body | unsigned: its length before compression; 1 byte: 0 stored, 1 a zstd frame; then the bytes up to the end |
///
/// The body is the byte planes of the times, lowest first, then those of the table and of the values. Bad readings have
/// no value and none is stored. Version 1 knew no tables, and is the same else. Beside the blob its row keeps the version,
/// the extremes and sums, and a CRC-32 (IEEE) over point,
/// first, last, count, usable, minimum, maximum and sum (64-bit little-endian integers; the patterns of the doubles, 0
/// for none and for a zero of either sign; older versions summed the sign), and the blob.
///
/// ```
/// let codec = ChunkCodec()
/// let bytes = codec.encode(columns)
/// try bytes.withUnsafeBytes { try codec.decode($0, version: ChunkCodec.version, into: &again) }
/// ```
package final class ChunkCodec {
    /// The version of the format written.
    package static let version = 2
    private static let hasTable: UInt8 = 128
    /// The largest number of readings in a chunk: large enough to compress well, small enough to unpack in half a
    /// millisecond.
    package static let capacity = 8192

    private let press = ZstdPress(level: 3)
    private var integers: [Int64] = []
    private var scratch: [UInt64] = []
    private var usable: [Double] = []
    private var planes: [UInt8] = []
    private var cuts: [Int] = []
    private var header = ByteWriter()

    package init() {}

    /// The bytes of a chunk.
    package func encode(_ columns: ReadingColumns) -> [UInt8] {
        header.removeAll()
        planes.removeAll(keepingCapacity: true)
        cuts.removeAll(keepingCapacity: true)
        let count = columns.count
        if scratch.count < count { scratch = [UInt64](repeating: 0, count: max(count, ChunkCodec.capacity)) }
        header.unsigned(UInt64(count))
        let allGood = columns.codes.allSatisfy { $0 == 0 }
        if allGood {
            usable = columns.values
        } else {
            usable.removeAll(keepingCapacity: true)
            for index in 0..<count where ReadingColumns.isUsable(columns.codes[index]) {
                usable.append(columns.values[index])
            }
        }
        header.unsigned(UInt64(usable.count))
        if allGood { header.unsigned(0) } else { writeRuns(columns.codes) }
        integers = columns.times
        writeSeries()
        if usable.isEmpty { return pressed() }
        integers = [Int64](repeating: 0, count: usable.count)
        let (form, exponent) = usable.withUnsafeBufferPointer { values in
            integers.withUnsafeMutableBufferPointer { NumberForm.encode(values, into: $0) }
        }
        let values = integers
        let before = (header.bytes.count, planes.count, cuts.count)
        header.byte(form.rawValue)
        header.byte(UInt8(exponent))
        writeSeries()
        let plain = pressed()
        // What is small as it is does not get smaller.
        guard plain.count > 48 + usable.count / 16, let table = ValueTable(values) else { return plain }
        header.truncate(before.0)
        planes.removeLast(planes.count - before.1)
        cuts.removeLast(cuts.count - before.2)
        header.byte(form.rawValue | ChunkCodec.hasTable)
        header.byte(UInt8(exponent))
        header.unsigned(UInt64(table.entries.count))
        integers = table.entries
        writeSeries()
        integers = table.places(of: values)
        writeSeries()
        let tabled = pressed()
        return tabled.count < plain.count ? tabled : plain
    }

    /// Header and body as they are now, as the bytes of a chunk.
    private func pressed() -> [UInt8] {
        var output = header.bytes
        output.reserveCapacity(header.bytes.count + 8 + planes.count)
        var length = ByteWriter()
        length.unsigned(UInt64(planes.count))
        output += length.bytes
        let start = output.count
        output.append(1)
        if planes.count > 32, planes.withUnsafeBytes({ press.compress($0, cuts: cuts, appendingTo: &output) }),
            output.count - start - 1 < planes.count
        {
            return output
        }
        output.removeLast(output.count - start)
        output.append(0)
        output.append(contentsOf: planes)
        return output
    }

    private func writeSeries() {
        integers.withUnsafeMutableBufferPointer { series in
            scratch.withUnsafeMutableBufferPointer { scratch in
                IntegerSeries.encode(series, scratch: scratch, header: &header, planes: &planes, cuts: &cuts)
            }
        }
    }

    private func writeRuns(_ codes: [UInt16]) {
        var runs: [(code: UInt16, length: Int)] = []
        for code in codes {
            if let last = runs.last, last.code == code {
                runs[runs.count - 1].length += 1
            } else {
                runs.append((code, 1))
            }
        }
        header.unsigned(UInt64(runs.count))
        for run in runs {
            header.byte(UInt8(truncatingIfNeeded: run.code))
            header.byte(UInt8(truncatingIfNeeded: run.code >> 8))
            header.unsigned(UInt64(run.length))
        }
    }

    /// The readings of a chunk; throws where its bytes are not a chunk of this version.
    package func decode(_ bytes: UnsafeRawBufferPointer, version: Int, into columns: inout ReadingColumns)
        throws(ChunkDamage)
    {
        guard (1...ChunkCodec.version).contains(version) else { throw ChunkDamage("its format \(version) is unknown") }
        var reader = ByteReader(bytes)
        let count = try reader.count(1 << 24)
        let usableCount = try reader.count(count)
        columns.codes = try readRuns(&reader, count)
        let usableRuns = columns.codes.reduce(into: 0) { $0 += ReadingColumns.isUsable($1) ? 1 : 0 }
        guard usableRuns == usableCount else { throw ChunkDamage("its qualities do not fit its values") }
        var headers = reader
        try skipSeries(&reader)
        if usableCount > 0 {
            let hasTable = try reader.byte() & ChunkCodec.hasTable != 0
            _ = try reader.byte()
            if hasTable {
                _ = try reader.unsigned()
                try skipSeries(&reader)
            }
            try skipSeries(&reader)
        }
        try unpackBody(&reader, most: 8 * (count + 2 * usableCount))
        // `planes` is copied by reference only: no reading below changes it.
        let body = planes
        do {
            try body.withUnsafeBytes { body in
                var body = ByteReader(body)
                columns.times = [Int64](repeating: 0, count: count)
                try columns.times.withUnsafeMutableBufferPointer { times in
                    try IntegerSeries.decode(header: &headers, planes: &body, into: times)
                }
                try readValues(&headers, &body, usableCount, &columns)
                guard body.isAtEnd else { throw ChunkDamage("its body is too long") }
            }
        } catch let damage as ChunkDamage {
            throw damage
        } catch {
            throw ChunkDamage("\(error)")
        }
    }

    private func readRuns(_ reader: inout ByteReader, _ count: Int) throws(ChunkDamage) -> [UInt16] {
        let runs = try reader.count(count)
        if runs == 0 { return [UInt16](repeating: 0, count: count) }
        var codes: [UInt16] = []
        codes.reserveCapacity(count)
        for _ in 0..<runs {
            let quality = try reader.byte()
            let reason = try reader.byte()
            guard quality <= 2 else { throw ChunkDamage("a quality is unknown") }
            let length = try reader.count(count - codes.count)
            codes.append(contentsOf: repeatElement(UInt16(reason) << 8 | UInt16(quality), count: length))
        }
        guard codes.count == count else { throw ChunkDamage("its qualities are too few") }
        return codes
    }

    private func skipSeries(_ reader: inout ByteReader) throws(ChunkDamage) {
        _ = try reader.byte()
        _ = try reader.unsigned()
        _ = try reader.unsigned()
        _ = try reader.unsigned()
        _ = try reader.byte()
    }

    private func unpackBody(_ reader: inout ByteReader, most: Int) throws(ChunkDamage) {
        let length = try reader.count(most)
        let isCompressed = try reader.byte()
        let stored = try reader.take(reader.remaining)
        planes = [UInt8](repeating: 0, count: length)
        if isCompressed == 1 {
            guard planes.withUnsafeMutableBytes({ press.decompress(stored, into: $0) }) else {
                throw ChunkDamage("its zstd frame is damaged")
            }
        } else {
            guard isCompressed == 0, stored.count == length else { throw ChunkDamage("its body has the wrong length") }
            planes.withUnsafeMutableBytes { $0.copyMemory(from: stored) }
        }
    }

    private func readTable(
        _ headers: inout ByteReader, _ body: inout ByteReader, most: Int
    ) throws(ChunkDamage) -> ValueTable {
        var entries = [Int64](repeating: 0, count: try headers.count(most))
        do {
            try entries.withUnsafeMutableBufferPointer { entries in
                try IntegerSeries.decode(header: &headers, planes: &body, into: entries)
            }
        } catch let damage as ChunkDamage {
            throw damage
        } catch {
            throw ChunkDamage("\(error)")
        }
        return ValueTable(entries: entries)
    }

    private func readValues(
        _ headers: inout ByteReader, _ body: inout ByteReader, _ count: Int, _ columns: inout ReadingColumns
    ) throws(ChunkDamage) {
        columns.values = [Double](repeating: .nan, count: columns.codes.count)
        guard count > 0 else { return }
        let kind = try headers.byte()
        guard let form = NumberForm(rawValue: kind & ~ChunkCodec.hasTable) else {
            throw ChunkDamage("its numbers' form is unknown")
        }
        let exponent = Int(try headers.byte())
        guard exponent < NumberForm.powers.count else { throw ChunkDamage("its decimal exponent is too large") }
        let table = kind & ChunkCodec.hasTable == 0 ? nil : try readTable(&headers, &body, most: count)
        integers = [Int64](repeating: 0, count: count)
        do {
            try integers.withUnsafeMutableBufferPointer { series in
                try IntegerSeries.decode(header: &headers, planes: &body, into: series)
                try table?.look(up: series)
                columns.values.withUnsafeMutableBufferPointer { values in
                    form.decode(
                        UnsafeBufferPointer(series), exponent: exponent,
                        into: UnsafeMutableBufferPointer(rebasing: values[0..<count]))
                }
            }
        } catch let damage as ChunkDamage {
            throw damage
        } catch {
            throw ChunkDamage("\(error)")
        }
        guard count < columns.codes.count else { return }
        // The values stand at the front: they move to their places from the back.
        var from = count
        for index in stride(from: columns.codes.count - 1, through: 0, by: -1) {
            if ReadingColumns.isUsable(columns.codes[index]) {
                from -= 1
                columns.values[index] = columns.values[from]
            } else {
                columns.values[index] = .nan
            }
        }
    }
}

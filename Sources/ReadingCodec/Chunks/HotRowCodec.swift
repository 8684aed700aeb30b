import Metering

/// Packs the readings of one commit into the blob of a hot row, point by point, so that those of one point are found
/// without looking at the others.
///
/// ## Format
/// Integers are little-endian base 128, "signed" ones zigzag-mapped first.
///
/// | part | content |
/// |---|---|
/// | 2 bytes | 0, which begins no ``HotBatch``, and the version, 1 |
/// | lists of times | their number; for each its length, then signed differences, the first one to the row's `first` |
/// | directory | the number of points; for each, ascending, bytes of its section × 4 + 2 if another list than the one before's + 1 if its number is not the next; then what is so: the list; the difference of the numbers |
/// | sections | one after the other |
///
/// A section is bits: 0 where all readings are good, otherwise 1 and for each reading 0 (the code as before; good
/// before the first) or 1 and the code (16 bits). Where there are values: ``NumberForm`` (3), exponent (4), parameter
/// (6), the first integer (7 bits for its length), then the differences to the one before in ``RiceCode``, all
/// zigzag-mapped.
package enum HotRowCodec {
    private static let mark: [UInt8] = [0, 1]

    /// The blob of a row; `number` gives the database's number of a point.
    package static func encode(_ readings: [Reading], first: Int64, number: (PointIndex) throws -> Int64) rethrows
        -> [UInt8]
    {
        var points: [(number: Int64, columns: ReadingColumns)] = []
        var places: [PointIndex: Int] = [:]
        for reading in readings {
            let place: Int
            if let known = places[reading.point] {
                place = known
            } else {
                place = points.count
                places[reading.point] = place
                points.append((try number(reading.point), ReadingColumns()))
            }
            points[place].columns.append(
                reading.time.milliseconds - first, reading.value, ReadingColumns.code(reading.quality, reading.reason))
        }
        points.sort { $0.number < $1.number }
        return pack(points)
    }

    private static func pack(_ points: [(number: Int64, columns: ReadingColumns)]) -> [UInt8] {
        var lists: [[Int64]: Int] = [:]
        var times = ByteWriter()
        var directory = ByteWriter()
        var sections: [UInt8] = []
        var bits = BitWriter()
        var before: (number: Int64, list: Int) = (0, 0)
        for point in points {
            let list: Int
            if let known = lists[point.columns.times] {
                list = known
            } else {
                list = lists.count
                lists[point.columns.times] = list
                times.unsigned(UInt64(point.columns.count))
                var last: Int64 = 0
                for time in point.columns.times {
                    times.signed(time - last)
                    last = time
                }
            }
            bits.removeAll()
            write(point.columns, into: &bits)
            let isOther = list != before.list
            let isFar = point.number != before.number + 1
            directory.unsigned(UInt64(bits.bytes.count) << 2 | (isOther ? 2 : 0) | (isFar ? 1 : 0))
            if isOther { directory.unsigned(UInt64(list)) }
            if isFar { directory.unsigned(UInt64(point.number - before.number)) }
            sections += bits.bytes
            before = (point.number, list)
        }
        var writer = ByteWriter(capacity: times.bytes.count + directory.bytes.count + sections.count + 16)
        writer.append(mark)
        writer.unsigned(UInt64(lists.count))
        writer.append(times.bytes)
        writer.unsigned(UInt64(points.count))
        writer.append(directory.bytes)
        writer.append(sections)
        return writer.bytes
    }

    private static func write(_ columns: ReadingColumns, into bits: inout BitWriter) {
        var code: UInt16 = 0
        if columns.codes.allSatisfy({ $0 == 0 }) {
            bits.put(0, 1)
        } else {
            bits.put(1, 1)
            for next in columns.codes {
                bits.put(next == code ? 0 : 1, 1)
                if next != code { bits.put(UInt64(next), 16) }
                code = next
            }
        }
        let values = columns.codes.indices.filter { ReadingColumns.isUsable(columns.codes[$0]) }
            .map { columns.values[$0] }
        guard !values.isEmpty else { return }
        var integers = [Int64](repeating: 0, count: values.count)
        let (form, exponent) = values.withUnsafeBufferPointer { values in
            integers.withUnsafeMutableBufferPointer { NumberForm.encode(values, into: $0) }
        }
        bits.put(UInt64(form.rawValue), 3)
        bits.put(UInt64(exponent), 4)
        let differences = zip(integers.dropFirst(), integers).map { zigzag($0 &- $1) }
        let sum = differences.reduce(UInt64(0)) { $0 + min($1, 1 << 48) }
        let parameter = RiceCode.parameter(mean: differences.isEmpty ? 0 : sum / UInt64(differences.count))
        bits.put(UInt64(parameter), 6)
        bits.putAny(zigzag(integers[0]))
        for difference in differences { RiceCode.put(difference, parameter, into: &bits) }
    }

    /// Hands out the readings of a row that are of wanted points: the database's number, time, value, code; those of one
    /// point in the order in which they arrived.
    package static func decode(
        _ bytes: UnsafeRawBufferPointer, first: Int64, where isWanted: (Int64) -> Bool,
        _ body: (Int64, Int64, Double, UInt16) throws -> Void
    ) throws {
        var reader = ByteReader(bytes)
        guard try reader.take(2).elementsEqual(mark) else { throw ChunkDamage("its format is unknown") }
        var lists = [ByteReader]()
        for _ in 0..<(try reader.count(bytes.count)) {
            lists.append(reader)
            for _ in 0..<(try reader.count(bytes.count)) { _ = try reader.unsigned() }
        }
        let count = try reader.count(bytes.count)
        var directory = reader
        for _ in 0..<count {
            let entry = try reader.unsigned()
            if entry & 2 != 0 { _ = try reader.unsigned() }
            if entry & 1 != 0 { _ = try reader.unsigned() }
        }
        var number: Int64 = 0
        var list = 0
        for _ in 0..<count {
            let entry = try directory.unsigned()
            if entry & 2 != 0 { list = try directory.count(lists.count) }
            number = number &+ (entry & 1 != 0 ? Int64(try directory.count(1 << 30)) : 1)
            guard entry >> 2 <= UInt64(bytes.count) else { throw ChunkDamage("a section is too long") }
            let section = try reader.take(Int(entry >> 2))
            guard isWanted(number) else { continue }
            guard lists.indices.contains(list) else { throw ChunkDamage("a list of times is missing") }
            try read(section, number, lists[list], first, body)
        }
    }

    private static func read(
        _ section: UnsafeRawBufferPointer, _ number: Int64, _ list: ByteReader, _ first: Int64,
        _ body: (Int64, Int64, Double, UInt16) throws -> Void
    ) throws {
        var times = list
        let count = Int(try times.unsigned())
        var bits = BitReader(section)
        var codes: [UInt16] = []
        if try bits.take(1) == 1 {
            var code: UInt16 = 0
            for _ in 0..<count {
                if try bits.take(1) == 1 { code = UInt16(try bits.take(16)) }
                codes.append(code)
            }
        }
        var form: NumberForm?
        var exponent = 0
        var parameter = 0
        var integer: Int64 = 0
        var time = first
        for index in 0..<count {
            time = time &+ (try times.signed())
            let code = codes.isEmpty ? 0 : codes[index]
            guard ReadingColumns.isUsable(code) else {
                try body(number, time, .nan, code)
                continue
            }
            if form == nil {
                form = NumberForm(rawValue: UInt8(try bits.take(3)))
                exponent = Int(try bits.take(4))
                parameter = Int(try bits.take(6))
                integer = unzigzag(try bits.takeAny())
            } else {
                integer = integer &+ unzigzag(try RiceCode.take(parameter, from: &bits))
            }
            guard let form else { throw ChunkDamage("its numbers' form is unknown") }
            try body(number, time, form.value(integer, exponent: exponent), code)
        }
    }
}

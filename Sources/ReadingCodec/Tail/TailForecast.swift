/// What the readings before let expect of the next one; both sides of the tail keep it in step, and only what differs
/// is written.
///
/// For each reading one bit says whether all is as expected: the point that followed this one the last time, at the
/// same time, of the same quality, its value an integer of the same form. Otherwise a bit for each of the four says
/// what is new, and it follows: the point's number, the time's difference, the code (16 bits), the form (3 bits),
/// exponent (4 bits) and integer. A value that is not new in form is its integer's difference from the point's last
/// one. Differences are zigzag-mapped and written in a Rice code whose parameter follows the size of those before.
package struct TailForecast {
    fileprivate struct Lane {
        var form: NumberForm?
        var exponent = 0
        var integer: Int64 = 0
        var code: UInt16 = 0
        var size = MeanSize()
        /// The point whose reading came after this one's.
        var next: Int64 = 0
    }

    /// Larger numbers of points are damage: no plant has so many.
    private static let mostPoints: Int64 = 1 << 20

    private var lanes: [Lane] = []
    private var point: Int64 = 0
    private var time: Int64 = 0
    private var timeSize = MeanSize()

    /// Nothing is expected yet.
    package init() {}

    /// Writes one reading.
    package mutating func encode(_ reading: TailReading, into bits: inout BitWriter) {
        reach(max(reading.number, point))
        var lane = lanes[Int(reading.number)]
        let hasValue = ReadingColumns.isUsable(reading.code)
        let expected = hasValue ? lane.form?.integer(reading.value, exponent: lane.exponent) : nil
        let isNewPoint = lanes[Int(point)].next != reading.number
        let isNewTime = reading.time != time
        let isNewCode = reading.code != lane.code
        let isNewForm = hasValue && expected == nil
        let isNew = isNewPoint || isNewTime || isNewCode || isNewForm
        bits.put(isNew ? 1 : 0, 1)
        if isNew {
            for flag in [isNewPoint, isNewTime, isNewCode, isNewForm] { bits.put(flag ? 1 : 0, 1) }
            if isNewPoint { bits.putAny(UInt64(reading.number)) }
            if isNewTime { timeSize.encode(zigzag(reading.time &- time), into: &bits) }
            if isNewCode { bits.put(UInt64(reading.code), 16) }
        }
        if let expected {
            lane.size.encode(zigzag(expected &- lane.integer), into: &bits)
            lane.integer = expected
        } else if hasValue {
            let (form, exponent, integer) = NumberForm.of(reading.value)
            bits.put(UInt64(form.rawValue), 3)
            bits.put(UInt64(exponent), 4)
            bits.putAny(zigzag(integer))
            (lane.form, lane.exponent, lane.integer) = (form, exponent, integer)
        }
        lane.code = reading.code
        step(to: reading.number, at: reading.time, lane)
    }

    /// What one reading of a point changes.
    package struct Mark {
        fileprivate var number: Int64
        fileprivate var lane: Lane
        fileprivate var point: Int64
        fileprivate var next: Int64
        fileprivate var time: Int64
        fileprivate var timeSize: MeanSize
    }

    /// What to go back to where the next reading, one of that point, finds no room.
    package mutating func mark(before number: Int64) -> Mark {
        reach(max(number, point))
        return Mark(
            number: number, lane: lanes[Int(number)], point: point, next: lanes[Int(point)].next, time: time,
            timeSize: timeSize)
    }

    /// Forgets the reading after the mark.
    package mutating func goBack(to mark: Mark) {
        lanes[Int(mark.number)] = mark.lane
        lanes[Int(mark.point)].next = mark.next
        point = mark.point
        time = mark.time
        timeSize = mark.timeSize
    }

    /// Reads the next reading.
    package mutating func decode(_ bits: inout BitReader) throws(ChunkDamage) -> TailReading {
        reach(point)
        let isNew = try bits.take(1) == 1
        var flags: UInt64 = 0
        if isNew { flags = try bits.take(4) }
        let number =
            flags & 1 != 0 ? Int64(truncatingIfNeeded: try bits.takeAny()) : lanes[Int(point)].next
        guard number > 0, number < TailForecast.mostPoints else { throw ChunkDamage("a point is unknown") }
        reach(number)
        var lane = lanes[Int(number)]
        let time = flags & 2 != 0 ? self.time &+ unzigzag(try timeSize.decode(&bits)) : self.time
        if flags & 4 != 0 { lane.code = UInt16(try bits.take(16)) }
        guard lane.code & 0xFF <= 2 else { throw ChunkDamage("a quality is unknown") }
        var value = Double.nan
        if ReadingColumns.isUsable(lane.code) {
            if flags & 8 != 0 {
                guard let form = NumberForm(rawValue: UInt8(try bits.take(3))) else {
                    throw ChunkDamage("a number's form is unknown")
                }
                lane.form = form
                lane.exponent = Int(try bits.take(4))
                lane.integer = unzigzag(try bits.takeAny())
            } else {
                lane.integer = lane.integer &+ unzigzag(try lane.size.decode(&bits))
            }
            guard let form = lane.form else { throw ChunkDamage("a number's form is missing") }
            value = form.value(lane.integer, exponent: lane.exponent)
        }
        step(to: number, at: time, lane)
        return TailReading(number: number, time: time, value: value, code: lane.code)
    }

    private mutating func step(to number: Int64, at time: Int64, _ lane: Lane) {
        lanes[Int(number)] = lane
        lanes[Int(point)].next = number
        point = number
        self.time = time
    }

    private mutating func reach(_ number: Int64) {
        while lanes.count <= Int(number) { lanes.append(Lane()) }
    }
}

/// The mean size of the differences so far, and from it the code of the next one.
struct MeanSize {
    /// Sixteen times the mean, moving.
    private var mean: Int64 = 0

    private var parameter: Int { RiceCode.parameter(mean: UInt64(mean >> 4)) }

    mutating func encode(_ value: UInt64, into bits: inout BitWriter) {
        RiceCode.put(value, parameter, into: &bits)
        learn(value)
    }

    mutating func decode(_ bits: inout BitReader) throws(ChunkDamage) -> UInt64 {
        let value = try RiceCode.take(parameter, from: &bits)
        learn(value)
        return value
    }

    private mutating func learn(_ value: UInt64) {
        // Arithmetic shifts round down, so that it comes down to nothing where nothing differs.
        mean += (Int64(min(value, 1 << 40)) << 4 - mean) >> 3
    }
}

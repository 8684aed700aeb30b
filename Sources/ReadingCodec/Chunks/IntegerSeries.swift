import Foundation

/// How a series of integers is foretold; only what differs from the forecast is stored.
enum Forecast: UInt8, CaseIterable {
    /// The smallest of the series.
    case smallest = 0
    /// The integer before.
    case previous = 1
    /// The integer before, moved on as it was from the one before that.
    case trend = 2
    /// The straight line from the first to the last.
    case line = 3
}

/// Writes and reads series of 64-bit integers: a forecast, a common divisor, and the differences in planes of bytes.
///
/// Header: forecast (1 byte), first integer (signed), divisor (unsigned), parameter (signed: the smallest for
/// `smallest`, the first step for `trend`, last minus first for `line`), planes (1 byte, 0 to 8). Body: for each plane,
/// lowest first, one byte an integer. With x the integers, y = (x − x₀) / divisor; all arithmetic wraps, so that
/// patterns of floating-point numbers may be stored too.
enum IntegerSeries {
    /// Writes the header to `header` and the planes, each as an element, to `planes`.
    static func encode(
        _ series: UnsafeMutableBufferPointer<Int64>, scratch: UnsafeMutableBufferPointer<UInt64>,
        header: inout ByteWriter,
        planes: inout [UInt8], cuts: inout [Int]
    ) {
        let count = series.count
        let first = count > 0 ? series[0] : 0
        let divisor = divide(series, by: first)
        let forecast = choose(series)
        let parameter = differences(series, forecast, scratch)
        var all: UInt64 = 0
        for index in 0..<count { all |= scratch[index] }
        let width = (64 - all.leadingZeroBitCount + 7) / 8
        header.byte(forecast.rawValue)
        header.signed(first)
        header.unsigned(UInt64(divisor))
        header.signed(parameter)
        header.byte(UInt8(width))
        for plane in 0..<width {
            let shift = UInt64(8 * plane)
            let start = planes.count
            planes.append(contentsOf: repeatElement(0, count: count))
            planes.withUnsafeMutableBufferPointer { planes in
                for index in 0..<count {
                    planes[start + index] = UInt8(truncatingIfNeeded: scratch[index] &>> shift)
                }
            }
            cuts.append(planes.count)
        }
    }

    /// Replaces the series by its distances from the first, divided by what they all can be divided by.
    private static func divide(_ series: UnsafeMutableBufferPointer<Int64>, by first: Int64) -> Int64 {
        var divisor: UInt64 = 0
        var fits = true
        for index in 0..<series.count {
            let (distance, overflow) = series[index].subtractingReportingOverflow(first)
            series[index] = distance
            if overflow { fits = false }
            if divisor != 1 && fits { divisor = greatestCommonDivisor(divisor, distance.magnitude) }
        }
        guard fits, divisor > 1, divisor <= UInt64(Int64.max) else { return 1 }
        let by = Int64(divisor)
        for index in 0..<series.count { series[index] /= by }
        return by
    }

    private static func greatestCommonDivisor(_ a: UInt64, _ b: UInt64) -> UInt64 {
        var (a, b) = (a, b)
        while b != 0 { (a, b) = (b, a % b) }
        return a
    }

    /// The forecast whose differences should need the fewest bits after entropy coding, judged by up to 1,024 of them.
    private static func choose(_ series: UnsafeMutableBufferPointer<Int64>) -> Forecast {
        let count = series.count
        if count < 3 { return .previous }
        var smallest = Int64.max
        for value in series { smallest = min(smallest, value) }
        let slope = line(series)
        var costs = [LengthCost](repeating: LengthCost(), count: 4)
        // Whole stretches rather than single ones here and there, because neighbours matter.
        let stretch = min(count - 2, 256)
        let stretches = count - 2 <= 1024 ? (count - 2 + stretch - 1) / stretch : 4
        for part in 0..<stretches {
            let start = stretches == 1 ? 2 : 2 + (count - 2 - stretch) * part / (stretches - 1)
            for index in start..<start + stretch {
                let value = series[index]
                let before = series[index - 1]
                let step = value &- before
                costs[0].add(UInt64(bitPattern: value &- smallest))
                costs[1].add(zigzag(step))
                costs[2].add(zigzag(step &- (before &- series[index - 2])))
                if let slope { costs[3].add(zigzag(value &- slope.at(index))) }
            }
        }
        var best = Forecast.previous
        var cost = Double.infinity
        for forecast in Forecast.allCases where forecast != .line || slope != nil {
            let next = costs[Int(forecast.rawValue)].bits
            if next < cost {
                cost = next
                best = forecast
            }
        }
        return best
    }

    private static func line(_ series: UnsafeMutableBufferPointer<Int64>) -> Line? {
        let rise = series[series.count - 1]
        return rise.magnitude < 1 << 48 ? Line(rise: rise, steps: Int64(series.count - 1)) : nil
    }

    private static func differences(
        _ series: UnsafeMutableBufferPointer<Int64>, _ forecast: Forecast, _ into: UnsafeMutableBufferPointer<UInt64>
    ) -> Int64 {
        let count = series.count
        guard count > 0 else { return 0 }
        switch forecast {
        case .smallest:
            var smallest = Int64.max
            for value in series { smallest = min(smallest, value) }
            for index in 0..<count { into[index] = UInt64(bitPattern: series[index] &- smallest) }
            return smallest
        case .previous:
            var before: Int64 = 0
            for index in 0..<count {
                into[index] = zigzag(series[index] &- before)
                before = series[index]
            }
            return 0
        case .trend:
            let start = count > 1 ? series[1] : 0
            var step = start
            var before: Int64 = 0
            into[0] = 0
            for index in 1..<max(count, 1) {
                let next = series[index] &- before
                into[index] = zigzag(next &- step)
                step = next
                before = series[index]
            }
            return start
        case .line:
            let line = Line(rise: series[count - 1], steps: Int64(count - 1))
            for index in 0..<count { into[index] = zigzag(series[index] &- line.at(index)) }
            return line.rise
        }
    }

    /// Reads a series that ``encode`` wrote.
    static func decode(
        header: inout ByteReader, planes: inout ByteReader, into series: UnsafeMutableBufferPointer<Int64>
    ) throws(ChunkDamage) {
        guard let forecast = Forecast(rawValue: try header.byte()) else { throw ChunkDamage("its forecast is unknown") }
        let first = try header.signed()
        let divisor = Int64(bitPattern: try header.unsigned())
        let parameter = try header.signed()
        let width = Int(try header.byte())
        guard width <= 8 else { throw ChunkDamage("its integers are too wide") }
        let count = series.count
        series.withMemoryRebound(to: UInt64.self) { differences in
            differences.update(repeating: 0)
        }
        for plane in 0..<width {
            let bytes = try planes.take(count)
            let shift = Int64(8 * plane)
            for index in 0..<count { series[index] |= Int64(bytes[index]) &<< shift }
        }
        undo(forecast, parameter, series)
        if divisor == 1 {
            for index in 0..<count { series[index] = series[index] &+ first }
        } else {
            for index in 0..<count { series[index] = series[index] &* divisor &+ first }
        }
    }

    private static func undo(_ forecast: Forecast, _ parameter: Int64, _ series: UnsafeMutableBufferPointer<Int64>) {
        let count = series.count
        switch forecast {
        case .smallest:
            for index in 0..<count { series[index] = series[index] &+ parameter }
        case .previous:
            var before: Int64 = 0
            for index in 0..<count {
                before = before &+ unzigzag(UInt64(bitPattern: series[index]))
                series[index] = before
            }
        case .trend:
            var before: Int64 = 0
            var step = parameter
            for index in 1..<max(count, 1) {
                step = step &+ unzigzag(UInt64(bitPattern: series[index]))
                before = before &+ step
                series[index] = before
            }
        case .line:
            let line = Line(rise: parameter, steps: Int64(max(count - 1, 1)))
            for index in 0..<count {
                series[index] = unzigzag(UInt64(bitPattern: series[index])) &+ line.at(index)
            }
        }
    }
}

/// The straight line from 0 to `rise` in `steps` steps, rounded towards zero.
private struct Line {
    var rise: Int64
    var steps: Int64

    @inline(__always)
    func at(_ index: Int) -> Int64 { rise &* Int64(index) / steps }
}

/// An estimate of the bits that numbers take: those below the highest one of each, and the entropy of their lengths.
private struct LengthCost {
    private var lengths = [Int](repeating: 0, count: 65)
    private var below = 0
    private var count = 0

    @inline(__always)
    mutating func add(_ value: UInt64) {
        let length = 64 - value.leadingZeroBitCount
        lengths[length] += 1
        below += max(length - 1, 0)
        count += 1
    }

    var bits: Double {
        var bits = Double(below)
        for length in lengths where length > 0 { bits += Double(length) * log2(Double(count) / Double(length)) }
        return bits
    }
}

/// In which integers a chunk's values are written.
enum NumberForm: UInt8 {
    /// n / 10^exponent as a double: registers × scale, and everything that was written in decimal.
    case decimal = 1
    /// n / 10^exponent as a single: decimal numbers that a meter sends as float32.
    case decimalSingle = 2
    /// The bit pattern of a single, mapped so that its order is that of the numbers.
    case single = 3
    /// The bit pattern of a double, mapped likewise; holds whatever there is.
    case double = 4

    /// Writes the values as integers in the first form that gives every one of them back bit for bit.
    static func encode(
        _ values: UnsafeBufferPointer<Double>, into integers: UnsafeMutableBufferPointer<Int64>
    ) -> (form: NumberForm, exponent: Int) {
        if let exponent = decimalExponent(values, limit: 15), decimal(values, exponent, integers) {
            return (.decimal, exponent)
        }
        if values.allSatisfy({ Double(Float($0)).bitPattern == $0.bitPattern }) {
            if let exponent = singleExponent(values), decimalSingle(values, exponent, integers) {
                return (.decimalSingle, exponent)
            }
            for index in values.indices {
                integers[index] = ordered(Int64(Int32(bitPattern: Float(values[index]).bitPattern)), 31)
            }
            return (.single, 0)
        }
        for index in values.indices { integers[index] = ordered(Int64(bitPattern: values[index].bitPattern), 63) }
        return (.double, 0)
    }

    /// Turns integers back into the values.
    func decode(_ integers: UnsafeBufferPointer<Int64>, exponent: Int, into values: UnsafeMutableBufferPointer<Double>)
    {
        switch self {
        case .decimal:
            let power = NumberForm.powers[exponent]
            for index in integers.indices { values[index] = Double(integers[index]) / power }
        case .decimalSingle:
            let power = NumberForm.powers[exponent]
            for index in integers.indices { values[index] = Double(Float(Double(integers[index]) / power)) }
        case .single:
            for index in integers.indices {
                let pattern = UInt32(bitPattern: Int32(truncatingIfNeeded: NumberForm.ordered(integers[index], 31)))
                values[index] = Double(Float(bitPattern: pattern))
            }
        case .double:
            for index in integers.indices {
                values[index] = Double(bitPattern: UInt64(bitPattern: NumberForm.ordered(integers[index], 63)))
            }
        }
    }

    /// The first form that gives a single value back bit for bit, with its exponent and integer.
    static func of(_ value: Double) -> (form: NumberForm, exponent: Int, integer: Int64) {
        var integer: Int64 = 0
        let (form, exponent) = withUnsafePointer(to: value) { value in
            withUnsafeMutablePointer(to: &integer) { integer in
                encode(
                    UnsafeBufferPointer(start: value, count: 1),
                    into: UnsafeMutableBufferPointer(start: integer, count: 1))
            }
        }
        return (form, exponent, integer)
    }

    /// The integer that gives a value back bit for bit in this form; nil where there is none.
    func integer(_ value: Double, exponent: Int) -> Int64? {
        let integer: Int64
        switch self {
        case .decimal, .decimalSingle:
            let whole = (value * NumberForm.powers[exponent]).rounded()
            guard whole.magnitude < NumberForm.largest else { return nil }
            integer = Int64(whole)
        case .single: integer = NumberForm.ordered(Int64(Int32(bitPattern: Float(value).bitPattern)), 31)
        case .double: integer = NumberForm.ordered(Int64(bitPattern: value.bitPattern), 63)
        }
        return self.value(integer, exponent: exponent).bitPattern == value.bitPattern ? integer : nil
    }

    /// The value of an integer in this form.
    func value(_ integer: Int64, exponent: Int) -> Double {
        switch self {
        case .decimal: Double(integer) / NumberForm.powers[exponent]
        case .decimalSingle: Double(Float(Double(integer) / NumberForm.powers[exponent]))
        case .single:
            Double(
                Float(
                    bitPattern: UInt32(bitPattern: Int32(truncatingIfNeeded: NumberForm.ordered(integer, 31)))))
        case .double: Double(bitPattern: UInt64(bitPattern: NumberForm.ordered(integer, 63)))
        }
    }

    /// Powers of ten that a double holds exactly.
    static let powers: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ]
    /// Larger integers are not exact in a double.
    private static let largest = 9_007_199_254_740_992.0

    /// Mirrors the negative half of a sign-magnitude pattern of `bits` + 1 bits, so that integers order like the
    /// numbers; its own inverse.
    @inline(__always)
    private static func ordered(_ pattern: Int64, _ bits: Int64) -> Int64 {
        pattern >= 0 ? pattern : pattern ^ (bits == 63 ? Int64.max : (1 &<< bits) - 1)
    }

    /// The smallest exponent with which each value is an integer by a power of ten; nil where there is none.
    ///
    /// A value that is exact with an exponent is exact with a larger one too, because both are the nearest double to
    /// the same fraction.
    private static func decimalExponent(_ values: UnsafeBufferPointer<Double>, limit: Int) -> Int? {
        var exponent = 0
        var power = 1.0
        for value in values {
            while true {
                let integer = (value * power).rounded()
                guard integer.magnitude < largest else { return nil }
                if integer / power == value { break }
                exponent += 1
                guard exponent <= limit else { return nil }
                power = powers[exponent]
            }
        }
        return exponent
    }

    private static func decimal(
        _ values: UnsafeBufferPointer<Double>, _ exponent: Int, _ integers: UnsafeMutableBufferPointer<Int64>
    ) -> Bool {
        let power = powers[exponent]
        for index in values.indices {
            let integer = (values[index] * power).rounded()
            guard integer.magnitude < largest else { return false }
            integers[index] = Int64(integer)
            // Over the integer and back, because negative zero has none.
            guard (Double(integers[index]) / power).bitPattern == values[index].bitPattern else { return false }
        }
        return true
    }

    private static func singleExponent(_ values: UnsafeBufferPointer<Double>) -> Int? {
        var exponent = 0
        for value in values {
            guard value.isFinite else { return nil }
            while true {
                let integer = (value * powers[exponent]).rounded()
                // A single has 24 bits: with more digits the integers would be larger than the patterns.
                guard integer.magnitude < 16_777_216 else { return nil }
                if Double(Float(integer / powers[exponent])) == value { break }
                exponent += 1
                guard exponent <= 7 else { return nil }
            }
        }
        return exponent
    }

    private static func decimalSingle(
        _ values: UnsafeBufferPointer<Double>, _ exponent: Int, _ integers: UnsafeMutableBufferPointer<Int64>
    ) -> Bool {
        let power = powers[exponent]
        for index in values.indices {
            let integer = (values[index] * power).rounded()
            guard integer.magnitude < largest else { return false }
            integers[index] = Int64(integer)
            let back = Double(Float(Double(integers[index]) / power))
            guard back.bitPattern == values[index].bitPattern else { return false }
        }
        return true
    }
}

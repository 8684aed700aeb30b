extension Double {
    /// The number less another, each meant as the decimal that it was written or scaled as: 10035546.30 − 10035546.09 is 0.21.
    ///
    /// A meter counts in decimals. The doubles nearest to two large indexes are each off by up to half of their last bit, so that their
    /// difference as doubles would be off by more than two numbers may be that count as equal (Rules 4 and 9). Numbers with more than
    /// nine decimals, as devices send them in binary, are subtracted as they are.
    package func minus(_ other: Double) -> Double {
        var power = 1.0
        for _ in 0...9 {
            let (a, b) = ((self * power).rounded(), (other * power).rounded())
            // From here on whole numbers are not exact any more.
            guard abs(a) <= 0x1p53, abs(b) <= 0x1p53 else { break }
            if a / power == self, b / power == other { return (a - b) / power }
            power *= 10
        }
        return self - other
    }
}

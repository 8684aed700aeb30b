/// How much of a disk is to stay free: so many bytes or such a share of it, whichever is less.
package struct KeptSpace: Sendable, Hashable {
    /// Nil: only the share counts.
    package var bytes: Int64?
    /// From 0 to 1; nil: only the bytes count.
    package var share: Double?

    /// 200 MB or 5 %.
    package init() {
        bytes = 200_000_000
        share = 0.05
    }

    /// What a configuration says: `500MB`, `1.5 GiB` or `10%`; nil where it is neither.
    package init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let number = Double(digits), number.isFinite, number >= 0 else { return nil }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }
        if unit == "%" {
            guard number < 100 else { return nil }
            (bytes, share) = (nil, number / 100)
            return
        }
        let units: [Substring: Double] = [
            "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KiB": 1024, "MiB": 1_048_576, "GiB": 1_073_741_824,
        ]
        guard let factor = units[unit], number * factor <= 1e15 else { return nil }
        (bytes, share) = (Int64(number * factor), nil)
    }

    /// The bytes that are to stay free on a disk of that size.
    package func bytes(of total: Int64) -> Int64 {
        let parts = [bytes, share.map { Int64(Double(total) * $0) }].compactMap { $0 }
        return parts.min() ?? 0
    }
}

/// A row of small bars, the newest at the right.
package enum Sparkline {
    private static let blocks: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
    private static let plain: [Character] = [".", ":", "-", "=", "+", "*", "#", "@"]

    /// A bar for each value, a blank for each that is not known.
    package static func text(_ values: [Double?], isASCII: Bool = false) -> String {
        let known = values.compactMap { $0 }.filter(\.isFinite)
        guard let low = known.min(), let high = known.max() else {
            return String(repeating: " ", count: values.count)
        }
        let set = isASCII ? plain : blocks
        return String(
            values.map { value -> Character in
                guard let value, value.isFinite else { return " " }
                guard high > low else { return set[3] }
                let share = (value - low) / (high - low)
                return set[min(set.count - 1, Int(share * Double(set.count)))]
            })
    }
}

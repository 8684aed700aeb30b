import Metering

/// Whether an indicator's value stands (Rules 8).
package enum IndicatorStatus: UInt8, Sendable, Hashable, CaseIterable {
    case valid = 0
    /// Too little of the window was covered; the value, if there is one, is shown and never judged.
    case insufficient = 1
    /// There is nothing to compute a value from, or the arithmetic has none.
    case undefined = 2

    /// The word in CSV and JSON.
    package var text: String {
        switch self {
        case .valid: "valid"
        case .insufficient: "insufficient"
        case .undefined: "undefined"
        }
    }
}

/// What else is to be known of an indicator value (Rules 8).
package struct IndicatorFlags: OptionSet, Sendable, Hashable {
    package var rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Part of an advance was spread over a gap.
    package static let estimated = IndicatorFlags(rawValue: 1)
    /// The condition was known and never held.
    package static let idle = IndicatorFlags(rawValue: 2)
    /// Not the first value of its window.
    package static let revised = IndicatorFlags(rawValue: 4)
    /// A counter's reset or exchange, or one not yet decided, falls in the window.
    package static let suspect = IndicatorFlags(rawValue: 8)
    /// An uncertain reading was used.
    package static let uncertain = IndicatorFlags(rawValue: 16)

    /// Some of the windows that it would be made of were made by a definition of another unit or other windows.
    package static let definitionChanged = IndicatorFlags(rawValue: 32)

    /// There is no such window any more: other days count now.
    package static let withdrawn = IndicatorFlags(rawValue: 64)

    /// The words in CSV and JSON, sorted.
    package var words: [String] {
        var words: [String] = []
        if contains(.definitionChanged) { words.append("definition-changed") }
        if contains(.estimated) { words.append("estimated") }
        if contains(.idle) { words.append("idle") }
        if contains(.revised) { words.append("revised") }
        if contains(.suspect) { words.append("suspect") }
        if contains(.uncertain) { words.append("uncertain") }
        if contains(.withdrawn) { words.append("withdrawn") }
        return words
    }
}

/// One value of one indicator over one window.
package struct IndicatorValue: Sendable, Hashable {
    /// The index of the indicator in its plan.
    package var indicator: Int
    package var window: Window
    /// In the indicator's unit; nil where there is none. A zero has no sign, as in the store.
    package var value: Double? { didSet { value = value?.withoutSignOfZero } }
    package var status: IndicatorStatus
    /// The smallest coverage among what it used, in [0, 1]; 0 when idle.
    package var coverage: Double
    /// What ``coverage`` is a share of, in milliseconds: the window's length, or the time its condition held.
    package var base: Int64
    /// The time in the window in which its condition (`while`) was not known, in milliseconds; 0 without one.
    package var unknown: Int64
    package var flags: IndicatorFlags
    /// 1 for the first value of a closed window, growing with each that replaced it; 0 for a provisional value.
    package var revision: Int

    /// A value.
    package init(
        indicator: Int, window: Window, value: Double?, status: IndicatorStatus, coverage: Double, base: Int64,
        unknown: Int64 = 0, flags: IndicatorFlags = [], revision: Int = 1
    ) {
        self.indicator = indicator
        self.window = window
        self.value = value?.withoutSignOfZero
        self.status = status
        self.coverage = coverage
        self.base = base
        self.unknown = unknown
        self.flags = flags
        self.revision = revision
    }

    /// Whether the two say the same of the same window; which revision they are does not matter.
    package func saysTheSame(as other: IndicatorValue) -> Bool {
        value == other.value && status == other.status && coverage == other.coverage && base == other.base
            && unknown == other.unknown && flags.subtracting(.revised) == other.flags.subtracting(.revised)
    }
}

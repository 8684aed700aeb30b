import ConfigurationSource
import Indicators
import Metering

/// The unit of a part of a formula, as far as it can be told.
enum UnitOfValue: Hashable {
    /// A plain number, which goes with every unit.
    case number
    /// A unit as stated, spelled one way.
    case unit(String)
    /// Not stated, or a product or quotient, about which nothing is said.
    case unknown

    /// The unit as stated; nil is unknown.
    init(stated: String?) {
        guard let stated, !stated.isEmpty else {
            self = .unknown
            return
        }
        self = .unit(UnitOfValue.spelled(stated))
    }

    /// What two values that are added or compared have in common; nil where they do not go together.
    func combined(with other: UnitOfValue) -> UnitOfValue? {
        switch (self, other) {
        case (.unit(let a), .unit(let b)): a == b ? self : nil
        case (.unknown, _), (_, .unknown): .unknown
        case (.number, _): other
        case (_, .number): self
        }
    }

    /// The unit of the integral over hours: kW → kWh, m3/h → m3.
    var timesHours: UnitOfValue {
        guard case .unit(let unit) = self else { return .unknown }
        if unit.hasSuffix("/h") { return .unit(String(unit.dropLast(2))) }
        if UnitOfValue.powers.contains(unit) { return .unit(unit + "h") }
        return .unit(unit + "*h")
    }

    /// The unit of the rate per hour: kWh → kW, m3 → m3/h.
    var perHour: UnitOfValue {
        guard case .unit(let unit) = self else { return .unknown }
        if unit.hasSuffix("h"), UnitOfValue.powers.contains(String(unit.dropLast())) {
            return .unit(String(unit.dropLast()))
        }
        return .unit(unit + "/h")
    }

    private static let powers: Set<String> = ["W", "kW", "MW", "GW", "var", "kvar", "Mvar", "VA", "kVA", "MVA", "A"]

    /// One spelling for those that mean the same: `m³` and `m3`, `°C` and `degC`.
    private static func spelled(_ unit: String) -> String {
        var spelled = ""
        for character in unit {
            switch character {
            case "²": spelled += "2"
            case "³": spelled += "3"
            case "·", "⋅", "×": spelled += "*"
            case "µ", "μ": spelled += "u"
            case " ": continue
            default: spelled.append(character)
            }
        }
        if spelled.hasSuffix("*h"), powers.contains(String(spelled.dropLast(2))) { return spelled.dropLast(2) + "h" }
        if spelled.hasSuffix("h/h"), powers.contains(String(spelled.dropLast(3))) { return String(spelled.dropLast(3)) }
        return switch spelled {
        case "°C", "degC": "°C"
        case "L": "l"
        case "L/h": "l/h"
        case "kVAr", "kVAR": "kvar"
        case "kVArh", "kVARh": "kvarh"
        case "hours", "hour", "hrs", "hr": "h"
        default: spelled
        }
    }
}

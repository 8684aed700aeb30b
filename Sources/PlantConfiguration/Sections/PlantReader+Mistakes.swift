import ConfigurationSource
import Metering

/// What can be read and can only be meant otherwise: warnings about counters.
extension PlantReader {
    /// Warns of a counter's definition that can only be a mistake.
    func warnOfMistakes(
        _ map: RegisterMap, _ point: PointDefinition, _ interval: Int64, _ section: Section, _ frame: PointFrame
    ) {
        if let modulus = point.modulus { warnOfModulus(modulus, map, section) }
        warnOfScales(map.laterScales, point.exchanges, section)
        guard point.counting.isIndex, point.counting != .net else { return }
        warnOfSign(map, section, frame)
        if let maxRate = point.maxRate { warnOfRate(maxRate, map, interval, section) }
    }

    /// A counter jumps with its scale: only an exchange at that very time says by how much.
    private func warnOfScales(_ scales: [DatedScale], _ exchanges: [MeterExchange], _ section: Section) {
        for scale in scales where !exchanges.contains(where: { $0.time == scale.from }) {
            log.warning(
                section.field("scale")?.mark ?? section.mark,
                "the counter's scale changes at \(scale.from.text), and 'exchanges' has no entry for that time: "
                    + "closing is the index by the old scale, opening by the new")
        }
    }

    /// How many different numbers a register shows; nil where that is not what ends it.
    private func range(of map: RegisterMap) -> Double? {
        guard map.scaleRegister == nil else { return nil }
        if let bits = map.bits { return Double(sign: .plus, exponent: bits.count, significand: 1) }
        return switch map.type {
        case .int16, .uint16, .int32, .uint32, .int48, .uint48, .int64, .uint64:
            Double(sign: .plus, exponent: 16 * map.count, significand: 1)
        case .bcd16, .bcd32, .mod10k: Double("1e\(4 * map.count)")
        case .uint32Ten: 655_360_000
        case .int32Ten: 327_680_000
        case .float32, .float64, .string, .bool, .exp8int24, .exp8uint24: nil
        }
    }

    /// A register that starts anew before its modulus never gets there.
    private func warnOfModulus(_ modulus: Double, _ map: RegisterMap, _ section: Section) {
        guard map.bits == nil, let range = range(of: map), let field = section.field("modulus") else { return }
        let end = range * abs(map.scale)
        if modulus > end * (1 + 1e-9) {
            log.warning(
                field.mark,
                "the register can hold no more than \(end) \(section.field("unit")?.text() ?? ""), less than 'modulus'")
        }
    }

    /// A counter has no sign: what a manufacturer's profile says of its own device may stand nevertheless.
    private func warnOfSign(_ map: RegisterMap, _ section: Section, _ frame: PointFrame) {
        let unsigned: String? =
            switch map.type {
            case .int16: "uint16"
            case .int32: "uint32"
            case .int48: "uint48"
            case .int64 where map.bits != nil: "uint64"
            case .int32Ten: "uint32_m10k"
            case .exp8int24: "exp8_uint24"
            default: nil
            }
        guard let unsigned, let field = section.field("type"), field.mark.source.path == frame.path else { return }
        let what = map.bits == nil ? "a register" : "bits"
        log.warning(
            field.mark,
            "a counter has no sign: read as '\(map.type.rawValue)', \(what) over half full would be below zero; "
                + "'\(unsigned)' is what grows on, unless the manual says otherwise")
    }

    /// With a mistaken scale a counter is always too fast, or never fast enough.
    private func warnOfRate(_ maxRate: Double, _ map: RegisterMap, _ interval: Int64, _ section: Section) {
        guard let range = range(of: map), let field = section.field("max_rate") else { return }
        let unit = section.field("unit")?.text() ?? ""
        let step = abs(map.scale)
        if step > maxRate {
            log.warning(
                field.mark,
                "one step of the register is \(step) \(unit), more than 'max_rate' lets it advance in an hour: every step would "
                    + "be doubted; is it the scale or the rate that is mistaken?")
        } else if range * step < maxRate * Double(interval) / 3_600_000 {
            log.warning(
                field.mark,
                "at 'max_rate' the register passes its whole range of \(range * step) \(unit) more than once between two polls, "
                    + "and nobody would see it: is it the scale or the rate that is mistaken?")
        }
    }
}

import Metering
import RecordStream
import Storage

/// InfluxDB's line protocol: numbers for quality and state, so that every field keeps one type for ever, and all fields of a
/// point always together.
///
/// The names and fields are those of config/README.md. Times are nanoseconds, `end`, `onset` and `raised` milliseconds.
struct LineProtocol {
    /// The tag of every line.
    let site: String
    /// Whether a second value of a point and time replaces the first: otherwise revisions are series of their own.
    let replaces: Bool

    /// The lines of a batch, each with its line feed.
    func text(_ batch: ForwardBatch) -> [UInt8] {
        var out = LineBuffer()
        let site = "site=" + LineProtocol.tag(site)
        switch batch {
        case .readings(let lines): for line in lines { reading(line, site, &out) }
        case .windows(let lines): for line in lines { window(line, site, &out) }
        case .verdicts(let lines): for line in lines { verdict(line, site, &out) }
        case .nonconformities(let lines): for line in lines { nonconformity(line, site, &out) }
        case .journal, .heads: break
        }
        return out.bytes
    }

    private func reading(_ line: NamedReading, _ site: String, _ out: inout LineBuffer) {
        out.begin("emsd_reading,\(site)")
        out.tag("meter", line.meter)
        out.tag("point", line.shortName)
        out.tag("unit", line.unit)
        if line.reading.quality != .bad { out.field("value", line.reading.value) }
        out.field("quality", LineProtocol.quality(line.reading.quality))
        out.field("reason", Int(line.reading.reason.rawValue))
        out.end(line.reading.time)
    }

    private func window(_ line: RecordedWindow, _ site: String, _ out: inout LineBuffer) {
        let isApart = !replaces && line.revision > 1
        out.begin(isApart ? "emsd_window_revised,\(site)" : "emsd_window,\(site)")
        out.tag("indicator", line.indicator)
        out.tag("length", LineProtocol.length(line.window.length))
        out.tag("unit", line.unit)
        if isApart { out.tag("revision", String(line.revision)) }
        out.field("value", line.value)
        out.field("coverage", line.coverage)
        out.field("status", line.status)
        if !isApart { out.field("revision", line.revision) }
        out.field("end", Int(line.window.end.milliseconds))
        out.end(line.window.start)
    }

    private func verdict(_ line: RecordedVerdict, _ site: String, _ out: inout LineBuffer) {
        let isApart = !replaces && line.revision > 1
        // A verdict that was taken back is none that can be evaluated.
        out.begin(isApart ? "emsd_verdict_revised,\(site)" : "emsd_verdict,\(site)")
        out.tag("objective", line.objective)
        if isApart { out.tag("revision", String(line.revision)) }
        out.field("verdict", line.verdict ?? 3)
        out.field("value", line.value)
        out.field("limit", line.bound)
        if !isApart { out.field("revision", line.revision) }
        out.end(line.window.start)
    }

    private func nonconformity(_ line: StandingNonconformity, _ site: String, _ out: inout LineBuffer) {
        out.begin("emsd_nc,\(site)")
        out.tag("id", line.record.id)
        out.tag("objective", line.record.objective)
        out.tag("severity", line.record.severity)
        out.field("state", LineProtocol.states.firstIndex(of: line.record.state) ?? -1)
        out.field("condition", LineProtocol.conditions.firstIndex(of: line.record.condition) ?? -1)
        out.field("onset", Int(line.record.onset.milliseconds))
        out.field("raised", Int(line.record.raisedAt.milliseconds))
        out.field("peak", line.record.peak)
        out.field("line", line.line)
        out.end(line.time)
    }

    /// The numbers of OPC: good, uncertain, bad.
    static func quality(_ quality: Quality) -> Int {
        switch quality {
        case .good: 192
        case .uncertain: 64
        case .bad: 0
        }
    }

    /// The states of a nonconformity by their numbers; new ones go to the end.
    static let states = [
        "closed", "open", "acknowledged", "analysed", "planned", "done", "verifying", "reopened", "rejected",
    ]

    /// The conditions by their numbers.
    static let conditions = ["cleared", "ongoing", "withdrawn"]

    /// The length in the largest unit that divides it.
    static func length(_ milliseconds: Int64) -> String {
        for (unit, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)] as [(String, Int64)]
        where milliseconds != 0 && milliseconds % size == 0 {
            return "\(milliseconds / size)\(unit)"
        }
        return "\(milliseconds)ms"
    }

    /// A tag's value: what would end it is escaped, what no line may hold is a blank.
    static func tag(_ text: some StringProtocol) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case ",", "=", " ": escaped += "\\" + String(scalar)
            case "\n", "\r", "\t": escaped += "\\ "
            // At the end it would escape what follows.
            case "\\": escaped += "/"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

/// One line after the other, without a text for each.
private struct LineBuffer {
    var bytes: [UInt8] = []
    private var hasField = false

    mutating func begin(_ head: String) {
        bytes += head.utf8
        hasField = false
    }

    mutating func tag(_ key: String, _ value: (some StringProtocol)?) {
        guard let value, !value.isEmpty else { return }
        bytes += ",\(key)=\(LineProtocol.tag(value))".utf8
    }

    mutating func field(_ key: String, _ value: Double?) {
        guard let value, value.isFinite else { return }
        put(key, "\(value)")
    }

    mutating func field(_ key: String, _ value: Int) { put(key, "\(value)i") }

    private mutating func put(_ key: String, _ value: String) {
        bytes += (hasField ? "," : " ").utf8
        bytes += key.utf8
        bytes.append(UInt8(ascii: "="))
        bytes += value.utf8
        hasField = true
    }

    mutating func end(_ time: Instant) {
        bytes += " \(time.milliseconds)000000\n".utf8
    }
}

import Conformity
import NIOCore

/// How metrics are written: as the client asked for, the older text unless it prefers the newer one.
enum MetricsFormat: Sendable, Hashable, CaseIterable {
    /// Prometheus' text, version 0.0.4.
    case text
    /// OpenMetrics 1.0.0.
    case openMetrics

    /// The form that a request's `Accept` header prefers.
    init(accepting header: String?) {
        var best = (text: 0.0, openMetrics: 0.0)
        // Longer ones than anybody sends are not read to their end.
        for part in (header ?? "").prefix(4096).lowercased().split(separator: ",") {
            let pieces = part.split(separator: ";").map { $0.trimming { $0 == " " || $0 == "\t" } }
            let quality = pieces.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            let version = pieces.dropFirst().first { $0.hasPrefix("version=") }?.dropFirst(8)
            switch pieces.first {
            case "application/openmetrics-text" where version == nil || version == "1.0.0" || version == "0.0.1":
                best.openMetrics = max(best.openMetrics, quality)
            case "text/plain", "text/*", "*/*": best.text = max(best.text, quality)
            default: break
            }
        }
        self = best.openMetrics > 0 && best.openMetrics >= best.text ? .openMetrics : .text
    }

    /// The media type of the answer.
    var mediaType: String {
        switch self {
        case .text: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }
}

extension Substring {
    /// Without such characters at both ends.
    fileprivate func trimming(_ isOutside: (Character) -> Bool) -> Substring {
        var trimmed = drop(while: isOutside)
        while let last = trimmed.last, isOutside(last) { trimmed.removeLast() }
        return trimmed
    }
}

/// The lines of a scrape: families, each named once, and their samples.
struct MetricsLines {
    /// What a family counts or shows.
    enum Kind: String {
        case gauge, counter, histogram
    }

    /// Bytes of a piece: it lives outside the heap, and nothing is moved when the next one begins.
    private static let pieceLength = 131_072

    let format: MetricsFormat
    private var full: [ByteBuffer] = []
    private var last = ByteBufferAllocator().buffer(capacity: MetricsLines.pieceLength)
    /// The name that the samples of the present family have.
    private var sampleName = ""

    init(_ format: MetricsFormat) { self.format = format }

    /// The whole text, in pieces.
    var pieces: [ByteBuffer] {
        var end = last
        if format == .openMetrics { end.writeString("# EOF\n") }
        return full + [end]
    }

    private mutating func put(_ text: String) { last.writeString(text) }

    /// Begins another piece where this one is nearly full.
    private mutating func endLine() {
        last.writeString("\n")
        guard last.readableBytes > MetricsLines.pieceLength - 1024 else { return }
        full.append(last)
        last = ByteBufferAllocator().buffer(capacity: MetricsLines.pieceLength)
    }

    /// Begins a family; the samples of a counter have `_total` behind its name, and in the older text so has the family.
    mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        sampleName = kind == .counter ? name + "_total" : name
        let familyName = format == .openMetrics ? name : sampleName
        put("# HELP \(familyName) \(MetricsLines.escaped(help, quotes: format == .openMetrics))\n")
        put("# TYPE \(familyName) \(kind.rawValue)")
        endLine()
    }

    /// A sample of the family begun last.
    mutating func sample(_ labels: KeyValuePairs<String, String>, _ value: Double) {
        put(sampleName)
        for (index, (name, text)) in labels.enumerated() {
            put(index == 0 ? "{" : ",")
            put(name)
            put("=\"")
            put(MetricsLines.escaped(text, quotes: true))
            put("\"")
        }
        put(labels.isEmpty ? " " : "} ")
        put(CanonicalJSON.text(of: value))
        endLine()
    }

    /// A histogram of the family begun last: counts by upper bound, each with those below it.
    mutating func histogram(_ label: (String, String)?, bounds: [Double], counts: [Int], sum: Double) {
        let inside = label.map { "\($0)=\"\(MetricsLines.escaped($1, quotes: true))\"" }
        let alone = inside.map { "{\($0)}" } ?? ""
        var total = 0
        for (index, count) in counts.enumerated() {
            total += count
            let bound = index < bounds.count ? CanonicalJSON.text(of: bounds[index]) : "+Inf"
            put("\(sampleName)_bucket{\(inside.map { $0 + "," } ?? "")le=\"\(bound)\"} \(total)")
            endLine()
        }
        put("\(sampleName)_sum\(alone) \(CanonicalJSON.text(of: sum))\n")
        put("\(sampleName)_count\(alone) \(total)")
        endLine()
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        // Nearly no text has any of them.
        if !text.utf8.contains(where: { $0 == 0x5C || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }) { return text }
        var escaped = ""
        // By scalars: a carriage return and a line feed are one character.
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"" where quotes: escaped += "\\\""
            case "\n": escaped += "\\n"
            case "\r": escaped += " "
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

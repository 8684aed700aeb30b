import Foundation
import Metering

/// A picture in SVG as it is written: everything escaped, coordinates in tenths, colours as attributes that a page's style
/// may replace by class.
package struct SVGText {
    package private(set) var text = ""
    private let width, height: Double

    /// A picture of that size, with what it shows in words for those who cannot see it.
    package init(width: Double, height: Double, title: String, description: String) {
        self.width = width
        self.height = height
        text +=
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" role=\"img\" viewBox=\"0 0 \(SVGText.coordinate(width)) "
            + "\(SVGText.coordinate(height))\" font-family=\"system-ui, sans-serif\" font-size=\"11\">"
            + "<title>\(SVGText.escaped(title))</title><desc>\(SVGText.escaped(description))</desc>"
    }

    /// The finished picture.
    package var finished: String { text + "</svg>" }

    /// The colours of classes, for pictures that stand alone and for printers.
    private static let colors: [String: String] = [
        "ink": "#1a1a1a", "quiet": "#595959", "line": "#bbbbbb", "value": "#1f6f9f", "band": "#a9cfe4",
        "uncertain": "#8a4fae", "provisional": "#7f7f7f", "limit": "#b3261e", "warning": "#8f5a00", "bad": "#b3261e",
        "met": "#2e7d4f", "unknown": "#d0d0d0", "paper": "#ffffff",
    ]

    /// A text; `anchor` is `start`, `middle` or `end`.
    package mutating func write(
        _ words: String, _ x: Double, _ y: Double, anchor: String = "start", tone: String = "quiet"
    ) {
        let side = anchor == "start" ? "" : " text-anchor=\"\(anchor)\""
        text +=
            "<text x=\"\(SVGText.coordinate(x))\" y=\"\(SVGText.coordinate(y))\"\(side)\(fill(tone))>"
            + "\(SVGText.escaped(words))</text>"
    }

    /// A straight line.
    package mutating func line(
        _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, tone: String = "line", dashed: Bool = false,
        width: Double = 1
    ) {
        text +=
            "<path d=\"M\(pair(x1, y1))L\(pair(x2, y2))\"\(stroke(tone, width))\(dashed ? " stroke-dasharray=\"5 4\"" : "")/>"
    }

    /// A line through points.
    package mutating func path(
        _ points: [(x: Double, y: Double)], tone: String, dashed: Bool = false, width: Double = 1.5
    ) {
        guard points.count > 1 else {
            if let only = points.first { box(only.x - 1, only.y - 1, 2, 2, tone: tone) }
            return
        }
        let drawn = points.enumerated().map { ($0 == 0 ? "M" : "L") + pair($1.x, $1.y) }.joined()
        text += "<path d=\"\(drawn)\"\(stroke(tone, width))\(dashed ? " stroke-dasharray=\"3 3\"" : "")/>"
    }

    /// A filled area between points.
    package mutating func area(_ points: [(x: Double, y: Double)], tone: String) {
        guard points.count > 2 else { return }
        let drawn = points.enumerated().map { ($0 == 0 ? "M" : "L") + pair($1.x, $1.y) }.joined()
        text += "<path d=\"\(drawn)Z\"\(fill(tone))/>"
    }

    /// A filled rectangle; `title` is what it stands for, `color` takes the place of its tone's.
    package mutating func box(
        _ x: Double, _ y: Double, _ width: Double, _ height: Double, tone: String, title: String? = nil,
        color: String? = nil
    ) {
        let shape =
            "<rect x=\"\(SVGText.coordinate(x))\" y=\"\(SVGText.coordinate(y))\" width=\"\(SVGText.coordinate(max(0, width)))\" "
            + "height=\"\(SVGText.coordinate(max(0, height)))\"" + (color.map { " fill=\"\($0)\"" } ?? fill(tone))
        text += title.map { "\(shape)><title>\(SVGText.escaped($0))</title></rect>" } ?? shape + "/>"
    }

    /// Many filled rectangles of one colour, as one path; `color` takes the place of the tone's.
    package mutating func boxes(
        _ places: [(x: Double, y: Double, width: Double, height: Double)], tone: String, color: String? = nil
    ) {
        guard !places.isEmpty else { return }
        let drawn = places.map { place in
            let (width, height) = (SVGText.coordinate(place.width), SVGText.coordinate(place.height))
            return "M\(pair(place.x, place.y))h\(width)v\(height)h-\(width)z"
        }.joined()
        text += "<path d=\"\(drawn)\"" + (color.map { " fill=\"\($0)\"" } ?? fill(tone)) + "/>"
    }

    /// A line of hatching over a rectangle: what is not known, also where there is no colour.
    package mutating func hatch(_ x: Double, _ y: Double, _ size: Double) {
        line(x + 1, y + size - 1, x + size - 1, y + 1, tone: "quiet")
    }

    private func fill(_ tone: String) -> String { " class=\"f-\(tone)\" fill=\"\(SVGText.colors[tone] ?? "#1a1a1a")\"" }

    private func stroke(_ tone: String, _ width: Double) -> String {
        " class=\"s-\(tone)\" fill=\"none\" stroke=\"\(SVGText.colors[tone] ?? "#1a1a1a")\" stroke-width=\"\(SVGText.coordinate(width))\""
    }

    private func pair(_ x: Double, _ y: Double) -> String { SVGText.coordinate(x) + " " + SVGText.coordinate(y) }

    /// A number with at most one decimal.
    static func coordinate(_ value: Double) -> String {
        guard value.isFinite else { return "0" }
        let tenths = Int((value * 10).rounded())
        let whole = abs(tenths) / 10
        let rest = abs(tenths) % 10
        return (tenths < 0 ? "-" : "") + "\(whole)" + (rest == 0 ? "" : ".\(rest)")
    }

    /// A text that may stand in XML: marked-up characters escaped, control characters shown by their numbers.
    package static func escaped(_ raw: String) -> String {
        var text = ""
        for character in ShownText(raw).text {
            switch character {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            case "'": text += "&#39;"
            default: text.append(character)
            }
        }
        return text
    }
}

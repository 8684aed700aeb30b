import Foundation
import Reports
import Testing

@Suite("The colours of reports and pages")
struct ContrastTests {
    /// The colours of the style sheet by name, for light, dark and paper.
    private static let palettes: [(name: String, colors: [String: String])] = {
        let groups = PageStyle.css.split(separator: ":root{", omittingEmptySubsequences: false).dropFirst().map {
            $0.prefix { $0 != "}" }
        }
        return zip(["light", "dark", "print"], groups).map { name, group in
            let pairs = group.split(separator: ";").compactMap { entry -> (String, String)? in
                let halves = entry.split(separator: ":").map(String.init)
                guard halves.count == 2, halves[0].hasPrefix("--"), halves[1].hasPrefix("#") else { return nil }
                return (String(halves[0].dropFirst(2)), String(halves[1].dropFirst()))
            }
            return (name, Dictionary(pairs) { first, _ in first })
        }
    }()

    /// Relative luminance (WCAG 2.2).
    private static func luminance(_ color: String) throws -> Double {
        let digits = color.count == 3 ? color.map { "\($0)\($0)" }.joined() : color
        let number = try #require(Int(digits, radix: 16))
        let parts = [16, 8, 0].map { shift -> Double in
            let part = Double((number >> shift) & 255) / 255
            return part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }

    private static func contrast(_ a: String, _ b: String) throws -> Double {
        let both = try [luminance(a), luminance(b)].sorted()
        return (both[1] + 0.05) / (both[0] + 0.05)
    }

    @Test("the measure itself: black on white is 21 to 1, and grey #777 on white too little for text")
    func measure() throws {
        #expect(try abs(Self.contrast("000", "fff") - 21) < 1e-9)
        #expect(try abs(Self.contrast("777777", "ffffff") - 4.478) < 1e-3)
    }

    @Test("text is read on paper and on soft ground with 4.5 to 1 at least, and lines and areas with 3 to 1")
    func contrasts() throws {
        #expect(Self.palettes.map(\.name) == ["light", "dark", "print"])
        for (name, colors) in Self.palettes {
            for ground in ["paper", "soft"] {
                let under = try #require(colors[ground])
                for text in ["ink", "quiet", "value", "bad", "warning", "met"] {
                    let contrast = try Self.contrast(#require(colors[text]), under)
                    #expect(contrast >= 4.5, "\(name): \(text) on \(ground) is \(contrast)")
                }
            }
            for mark in ["uncertain", "provisional"] {
                let contrast = try Self.contrast(#require(colors[mark]), #require(colors["paper"]))
                #expect(contrast >= 3, "\(name): \(mark) is \(contrast)")
            }
        }
    }
}

import Metering
import Testing

@Suite("Texts that are shown")
struct ShownTextTests {
    @Test(
        "what moves the cursor, rings, turns the direction or begins a line is shown by its number; all else stays",
        arguments: [
            ("Main incomer", "Main incomer"), ("Borås, NOₓ 冷却塔 🏭", "Borås, NOₓ 冷却塔 🏭"), ("C:\\new", "C:\\new"),
            ("", ""),
            ("\u{1B}[2J", "\\u001b[2J"), ("ring\u{7}", "ring\\u0007"), ("\u{9B}2J", "\\u009b2J"), ("\u{7F}", "\\u007f"),
            ("\u{202E}txt.exe", "\\u202etxt.exe"), ("\u{2066}a\u{2069}", "\\u2066a\\u2069"),
            ("a\u{200B}b", "a\\u200bb"),
            ("\u{E0041}", "\\udb40\\udc41"), ("a\nb", "a\\nb"), ("a\r\nb", "a\\r\\nb"), ("a\tb", "a\\tb"),
            ("a\u{2028}b\u{85}c", "a\\u2028b\\u0085c"), ("می\u{200C}خواهم", "می\u{200C}خواهم"),
        ])
    func escaping(raw: String, shown: String) {
        #expect(ShownText(raw).text == shown)
        #expect(ShownText(shown).text == shown, "what is fit is not changed")
    }

    @Test("further lines of a text are indented, whatever breaks them")
    func lines() {
        let lines = ShownText.lines("State  a\nNext  nothing\r\n\u{1B}c\u{2028}d", indentation: 4)
        #expect(lines.map(\.text) == ["State  a", "    Next  nothing", "    \\u001bc", "    d"])
    }

    @Test("a long line is folded at blanks for a screen, and a command before its options, so that it can be copied")
    func folding() {
        let text = ShownText("Note   " + Array(repeating: "冷却塔", count: 9).joined(separator: " "))
        let lines = text.folded(to: 40, indentation: 8)
        #expect(
            lines.map(\.text) == [
                "Note   冷却塔 冷却塔 冷却塔 冷却塔", "        冷却塔 冷却塔 冷却塔 冷却塔", "        冷却塔",
            ])
        #expect(text.folded(to: nil, indentation: 8) == [text])
        #expect(text.folded(to: text.width, indentation: 8) == [text])
        let digest = String(repeating: "a", count: 64)
        #expect(
            ShownText("    \(digest) (in it)").folded(to: 60, indentation: 8).map(\.text) == [
                "    \(digest)", "        (in it)",
            ])
        let command = ShownText("Next  emsctl nc ack NC-1 NC-2 --text \"what was done at once\" --at -1h")
        #expect(
            command.folded(to: 40, indentation: 8, isCommand: true).map(\.text) == [
                "Next  emsctl nc ack NC-1 NC-2 \\", "        --text \"what was done at once\" \\", "        --at -1h",
            ])
    }

    @Test("JSON for a terminal says the same with C1 and marks of direction by their numbers")
    func json() {
        #expect(
            ShownText.json("[\n{\"a\":\"\\u001b å \u{9B}\u{202E}\"}\n]\n")
                == "[\n{\"a\":\"\\u001b å \\u009b\\u202e\"}\n]\n")
    }

    @Test("no scalar of a shown text is a control, whatever went in")
    func anything() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let raw = String(
                String.UnicodeScalarView(
                    (0..<40).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0..<0x2100, using: &random)) }))
            let shown = ShownText(raw).text
            for scalar in shown.unicodeScalars {
                #expect(scalar.properties.generalCategory != .control, "\(raw.debugDescription)")
                #expect(!("\u{202A}"..."\u{202E}").contains(scalar) && !("\u{2066}"..."\u{2069}").contains(scalar))
            }
        }
    }
}

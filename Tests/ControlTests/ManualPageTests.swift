import Testing

@testable import Programs

@Suite("A manual page from Markdown")
struct ManualPageTests {
    private func page(_ markdown: String) -> [String] {
        let page = ManualPage.page(
            named: "emsd.yaml", section: 5, title: "configuration", markdown: "# Title\n" + markdown)
        return page.split(separator: "\n").dropFirst(3).map(String.init)
    }

    @Test("code that begins on one line and ends on the next is bold, and nothing else is")
    func codeOverLines() {
        #expect(
            page("From elsewhere: `emsctl --socket\nhttps://gateway:9747 status`, or\n.not a request `x`.") == [
                "From elsewhere: \\fBemsctl \\-\\-socket https://gateway:9747 status\\fR, or",
                "\\&.not a request \\fBx\\fR.",
            ])
    }

    @Test("an item of a list goes on over its lines, and no heading stands apart from what it heads")
    func items() {
        #expect(
            page("## Kinds\n\nOne\n\n- `a`: first\n  and on\n- b\n\nLast\n\n    code\n") == [
                ".SH KINDS", "One", ".IP \\(bu 2", "\\fBa\\fR: first", "and on", ".IP \\(bu 2", "b", ".PP", "Last",
                ".PP", ".nf",
                "    code", ".fi",
            ])
    }
}

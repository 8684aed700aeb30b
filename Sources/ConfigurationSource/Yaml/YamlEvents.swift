import CYaml

/// What the parser of Yams (libyaml) meets in a text, one after the other.
///
/// Yams' own tree stops at the first duplicate key without saying where the second stands, and compares whole subtrees of
/// aliases to find it; its parser's events know every place, and let the reader bound its own work.
package final class YamlEvents {
    /// What was met.
    package enum Content {
        case scalar(YamlScalar)
        case sequenceStart
        case mappingStart
        case end
        case alias(String)
        case documentStart
        case streamEnd
    }

    package struct Event {
        package var content: Content
        package var mark: SourceMark
        package var anchor: String?
        package var tag: String?

        /// An event.
        package init(content: Content, mark: SourceMark, anchor: String? = nil, tag: String? = nil) {
            self.content = content
            self.mark = mark
            self.anchor = anchor
            self.tag = tag
        }
    }

    /// The text is not YAML.
    package struct Break: Error {
        package var mark: SourceMark
        package var message: String

        /// A break.
        package init(mark: SourceMark, message: String) {
            self.mark = mark
            self.message = message
        }
    }

    private let source: SourceText
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>
    /// Bytes before the text: of a byte order mark.
    private let skipped: Int

    /// The events of a text.
    package init(_ source: SourceText) {
        self.source = source
        let text = source.bytes.dropFirst(source.markLength)
        skipped = source.markLength
        input = .allocate(capacity: max(text.count, 1))
        _ = input.initialize(fromContentsOf: text)
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        yaml_parser_initialize(parser)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, input.baseAddress, text.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        input.deallocate()
    }

    /// The next event; ends of documents and starts of streams are passed over.
    package func next() throws(Break) -> Event {
        while true {
            var event = yaml_event_t()
            guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
            defer { yaml_event_delete(&event) }
            let mark = SourceMark(
                source, line: Int(event.start_mark.line) + 1, column: Int(event.start_mark.column) + 1)
            switch event.type {
            case YAML_SCALAR_EVENT:
                let scalar = event.data.scalar
                let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
                let content = YamlScalar(
                    text: String(decoding: bytes, as: UTF8.self), style: style(scalar.style),
                    endLine: Int(event.end_mark.line) + 1)
                return Event(
                    content: .scalar(content), mark: mark, anchor: text(scalar.anchor), tag: text(scalar.tag))
            case YAML_SEQUENCE_START_EVENT:
                let start = event.data.sequence_start
                return Event(content: .sequenceStart, mark: mark, anchor: text(start.anchor), tag: text(start.tag))
            case YAML_MAPPING_START_EVENT:
                let start = event.data.mapping_start
                return Event(content: .mappingStart, mark: mark, anchor: text(start.anchor), tag: text(start.tag))
            case YAML_ALIAS_EVENT:
                return Event(content: .alias(text(event.data.alias.anchor) ?? ""), mark: mark)
            case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return Event(content: .end, mark: mark)
            case YAML_DOCUMENT_START_EVENT: return Event(content: .documentStart, mark: mark)
            case YAML_STREAM_END_EVENT, YAML_NO_EVENT: return Event(content: .streamEnd, mark: mark)
            default: continue
            }
        }
    }

    private func style(_ style: yaml_scalar_style_t) -> YamlScalar.Style {
        switch style {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
        case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
        case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE: .block
        default: .plain
        }
    }

    private func text(_ pointer: UnsafeMutablePointer<UInt8>?) -> String? { pointer.map { String(cString: $0) } }

    private func failure() -> Break {
        let state = parser.pointee
        let problem = state.problem.map { String(cString: $0) } ?? "it cannot be read"
        if state.error == YAML_READER_ERROR {
            return Break(mark: source.mark(atByte: state.problem_offset + skipped), message: "broken YAML: \(problem)")
        }
        let line = Int(state.problem_mark.line) + 1
        let mark = SourceMark(source, line: line, column: Int(state.problem_mark.column) + 1)
        let context = SourceMark(
            source, line: Int(state.context_mark.line) + 1, column: Int(state.context_mark.column) + 1)
        if let slip = YamlSlip.missingColon(problem, at: mark, context: state.context == nil ? nil : context) {
            return slip
        }
        var message = "broken YAML: \(problem)"
        if let doing = state.context {
            message +=
                " \(String(cString: doing))"
                + (context.line == line ? "" : " that begins in line \(context.line)")
        }
        if problem.hasPrefix("Maximum nesting level") { message = "broken YAML: nested too deeply" }
        message += hint(problem, at: mark)
        return Break(mark: mark, message: message)
    }

    /// What people who write such a thing probably did not know.
    private func hint(_ problem: String, at mark: SourceMark) -> String {
        guard source.lines.indices.contains(mark.line - 1) else { return "" }
        let line = Array(source.lines[mark.line - 1].unicodeScalars)
        if line.prefix(while: { $0 == " " || $0 == "\t" }).contains("\t") {
            return "; the line is indented with a tab, YAML wants blanks"
        }
        if problem.contains("cannot start any token"), line.indices.contains(mark.column - 1) {
            return "; a value that begins with '\(line[mark.column - 1])' needs quotes"
        }
        return problem.contains("mapping values are not allowed") ? "; a value with ': ' in it needs quotes" : ""
    }
}

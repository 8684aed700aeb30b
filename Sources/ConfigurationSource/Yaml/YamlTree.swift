/// Builds the tree of a YAML text; duplicate keys and what YAML has but a configuration does not are said on the way.
package struct YamlTree {
    /// Deeper than any configuration nests.
    private static let deepest = 50
    /// More values than any configuration has; aliases of aliases reach it quickly.
    private static let largest = 2_000_000

    private let events: YamlEvents
    private let log: FaultLog
    private var anchors: [String: YamlNode] = [:]

    private init(_ source: SourceText, _ log: FaultLog) {
        events = YamlEvents(source)
        self.log = log
    }

    /// The root of the text; nil where it is not YAML, or empty, which is then said.
    package static func read(_ source: SourceText, log: FaultLog) -> YamlNode? {
        if OddSpaces.report(source, to: log) { return nil }
        var tree = YamlTree(source, log)
        do {
            guard case .documentStart = try tree.events.next().content else {
                log.error(SourceMark(source, line: 1, column: 1), "the file is empty")
                return nil
            }
            let root = try tree.node(tree.events.next(), depth: 0)
            let after = try tree.events.next()
            if case .documentStart = after.content {
                log.error(after.mark, "a second document begins here; a configuration is one")
            }
            return root
        } catch {
            log.error(error.mark, error.message)
            return nil
        }
    }

    private mutating func node(_ event: YamlEvents.Event, depth: Int) throws(YamlEvents.Break) -> YamlNode {
        if depth > YamlTree.deepest {
            throw YamlEvents.Break(mark: event.mark, message: "broken YAML: nested too deeply")
        }
        var node = YamlNode(content: .sequence([]), mark: event.mark)
        switch event.content {
        case .scalar(var scalar):
            if event.tag == "tag:yaml.org,2002:str" || event.tag == "!" {
                scalar.style = scalar.isPlain ? .singleQuoted : scalar.style
            }
            if scalar.isPlain, CommonSlip.hasCurlyQuotes(scalar.text) {
                log.warning(
                    event.mark,
                    "'\(scalar.excerpt)' stands in typographic quotes, which are part of the text: write straight ones (\")"
                )
            }
            node.content = .scalar(scalar)
        case .sequenceStart:
            var items: [YamlNode] = []
            while let item = try child(depth: depth) {
                items.append(item)
                node.size += item.size
            }
            node.content = .sequence(items)
        case .mappingStart: try fill(&node, depth: depth)
        case .alias(let name):
            guard let anchored = anchors[name] else {
                throw YamlEvents.Break(mark: event.mark, message: "there is no anchor '&\(name)' before this alias")
            }
            node = anchored
        case .end, .documentStart, .streamEnd:
            throw YamlEvents.Break(mark: event.mark, message: "broken YAML: it ends too early")
        }
        if node.size > YamlTree.largest {
            throw YamlEvents.Break(
                mark: event.mark, message: "the configuration is too large once its aliases are written out")
        }
        if let tag = event.tag, !tag.hasPrefix("tag:yaml.org,2002:"), tag != "!" {
            log.error(event.mark, "the tag '\(tag)' has no meaning here")
        }
        if let anchor = event.anchor { anchors[anchor] = node }
        return node
    }

    private mutating func child(depth: Int) throws(YamlEvents.Break) -> YamlNode? {
        let event = try events.next()
        if case .end = event.content { return nil }
        return try node(event, depth: depth + 1)
    }

    private mutating func fill(_ node: inout YamlNode, depth: Int) throws(YamlEvents.Break) {
        var entries: [YamlEntry] = []
        var lines: [String: Int] = [:]
        while let key = try child(depth: depth) {
            let value = try self.node(events.next(), depth: depth + 1)
            node.size += key.size + value.size
            guard let name = key.scalar?.text else {
                log.error(key.mark, "a key is a word, not \(key.summary)")
                continue
            }
            if let line = lines[name] {
                log.error(key.mark, "duplicate key '\(name)': it stands in line \(line) already")
                continue
            }
            lines[name] = key.mark.line
            entries.append(YamlEntry(key: name, mark: key.mark, value: value))
        }
        node.content = .mapping(joiningCutValues(entries))
    }

    /// `{formula: percentile(a.b, 95), unit: x}` is YAML for a key `formula` with `percentile(a.b` and a key `95)`, and
    /// `{scale: 0,1}` for a key `scale` with `0` and a key `1`.
    ///
    /// That is said where the value stands, and the pieces are put together again, so that nothing else is said of them.
    private func joiningCutValues(_ entries: [YamlEntry]) -> [YamlEntry] {
        var joined: [YamlEntry] = []
        var isCut = false
        for entry in entries {
            guard entry.value.isNull, let last = joined.last, let scalar = last.value.scalar, scalar.isPlain else {
                isCut = false
                joined.append(entry)
                continue
            }
            var whole = scalar
            if openBrackets(scalar.text) > 0 {
                if !isCut {
                    log.error(
                        last.value.mark,
                        "a formula with a comma inside {…} needs quotes: \(last.key): \"\(scalar.text), …\"")
                }
                isCut = true
                whole.text += ", " + entry.key
            } else if let number = numberWithComma(scalar, entry) {
                log.error(
                    last.value.mark,
                    "a number is written with a decimal point: \(number), not \(number.replacing(".", with: ","))")
                whole.text += "." + entry.key
            } else {
                isCut = false
                joined.append(entry)
                continue
            }
            joined[joined.count - 1].value.content = .scalar(whole)
        }
        return joined
    }

    /// The number of which a value is the whole part and the key right behind its comma the rest.
    private func numberWithComma(_ scalar: YamlScalar, _ rest: YamlEntry) -> String? {
        guard rest.mark.line == scalar.endLine, let digit = rest.key.first, digit.isASCII, digit.isNumber,
            let word = scalar.text.split(whereSeparator: { !$0.isNumber && $0 != "-" }).last,
            scalar.text.hasSuffix(word)
        else { return nil }
        return CommonSlip.decimalPoint("\(word),\(rest.key)")
    }

    private func openBrackets(_ text: String) -> Int {
        text.reduce(0) { $1 == "(" ? $0 + 1 : $1 == ")" ? $0 - 1 : $0 }
    }
}

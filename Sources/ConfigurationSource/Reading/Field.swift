/// A value of the configuration with its key: reads it as what the key wants, or says what it is instead.
package struct Field {
    /// The key; of an item of a list, the list's.
    package let key: String
    package let keyMark: SourceMark
    package let node: YamlNode
    package let log: FaultLog

    /// Whether it is an item of the key's list.
    private let isItem: Bool

    /// The value of a key.
    package init(_ entry: YamlEntry, log: FaultLog) {
        self.init(key: entry.key, keyMark: entry.mark, node: entry.value, log: log)
    }

    /// A value under a name.
    init(key: String, keyMark: SourceMark, node: YamlNode, log: FaultLog, isItem: Bool = false) {
        self.isItem = isItem
        self.key = key
        self.keyMark = keyMark
        self.node = node
        self.log = log
    }

    /// The key itself as a value, where keys are times.
    package var keyField: Field {
        let scalar = YamlScalar(text: key, style: .plain, endLine: keyMark.line)
        return Field(
            key: key, keyMark: keyMark, node: YamlNode(content: .scalar(scalar), mark: keyMark), log: log,
            isItem: isItem)
    }

    /// What it is called in messages.
    package var label: String { isItem ? "an item of '\(key)'" : "'\(key)'" }

    /// Where the value stands; of a missing value (`key:`) where its key does.
    package var mark: SourceMark { node.isNull ? keyMark : node.mark }

    /// Says what is wrong with the value.
    package func error(_ message: String) {
        let odd = node.scalar?.text.unicodeScalars.lazy.compactMap(CommonSlip.oddSpace).first
        log.error(mark, message + (odd.map { "; a \($0) stands in it" } ?? ""))
    }

    /// Says that the value is probably not meant.
    package func warning(_ message: String) { log.warning(mark, message) }

    /// Says that the value is of the wrong type.
    package func wrong(_ wanted: String, hint: String? = nil) {
        error("\(label) takes \(wanted), not \(node.summary)" + (hint.map { " (did you mean '\($0)'?)" } ?? ""))
    }

    /// The value as a section of keys; an empty one (`key:`) is a section without keys.
    package func section(_ name: String) -> Section? {
        if node.isNull { return Section([], name: name, mark: keyMark, log: log) }
        guard case .mapping(let entries) = node.content else {
            wrong("a section of keys")
            return nil
        }
        return Section(entries, name: name, mark: keyMark, log: log)
    }

    /// The items of a list; nil where it is none.
    package func items() -> [Field]? {
        if node.isNull { return [] }
        guard case .sequence(let nodes) = node.content else {
            wrong("a list")
            return nil
        }
        return nodes.map { Field(key: key, keyMark: $0.mark, node: $0, log: log, isItem: true) }
    }

    /// The items of a list, or the value itself where it is a single one.
    package func oneOrMore() -> [Field] {
        if case .sequence = node.content { return items() ?? [] }
        return [self]
    }

    /// The sections of a mapping from names, each name checked; nil where it is no mapping.
    package func named(_ noun: String) -> [(name: String, field: Field)]? {
        guard let section = section("'\(key)'") else { return nil }
        return section.fields.filter { field in
            let isName = Identifier.isValid(field.key)
            if !isName { log.error(field.keyMark, Identifier.commandError(field.key, as: noun)) }
            return isName
        }.map { ($0.key, $0) }
    }
}

/// Names that the configuration gives: `[a-z][a-z0-9_]*`.
package enum Identifier {
    /// Whether it is one.
    package static func isValid(_ text: String) -> Bool {
        guard let first = text.utf8.first, (97...122).contains(first), text.utf8.count <= 100 else { return false }
        return text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "_") }
    }

    /// What is wrong with one that is not.
    package static func commandError(_ text: String, as noun: String) -> String {
        let folded = text.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
        let near = String(folded.prefix(100))
        let hint = Identifier.isValid(near) ? " (did you mean '\(near)'?)" : ""
        return "'\(text.prefix(60))' cannot be the name of a \(noun): a-z, then a-z, 0-9 and _\(hint)"
    }
}

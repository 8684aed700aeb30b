/// A value of a YAML document with the place where it stands.
package struct YamlNode: Sendable {
    /// What stands there.
    package indirect enum Content: Sendable {
        case scalar(YamlScalar)
        case sequence([YamlNode])
        case mapping([YamlEntry])
    }

    /// What stands there.
    package var content: Content
    /// Where it stands.
    package var mark: SourceMark
    /// Nodes in it with aliases counted each time they are used: what bounds the work of walking it.
    package var size = 1

    /// What stands at a place.
    package init(content: Content, mark: SourceMark, size: Int = 1) {
        (self.content, self.mark, self.size) = (content, mark, size)
    }

    /// The scalar, if it is one.
    package var scalar: YamlScalar? { if case .scalar(let scalar) = content { scalar } else { nil } }

    /// Whether nothing stands there (`key:`, `~` or `null`).
    package var isNull: Bool { scalar?.isNull ?? false }

    /// What it is, for messages that wanted something else.
    package var summary: String {
        switch content {
        case .sequence: "a list"
        case .mapping: "a section of keys"
        case .scalar(let scalar) where scalar.isNull: "nothing"
        case .scalar(let scalar): scalar.isPlain ? "'\(scalar.excerpt)'" : "the text '\(scalar.excerpt)'"
        }
    }
}

/// One key of a mapping with its value; keys are always text.
package struct YamlEntry: Sendable {
    /// As written.
    package var key: String
    /// Where the key stands.
    package var mark: SourceMark
    /// What the key is for.
    package var value: YamlNode

    /// A key with its value.
    package init(key: String, mark: SourceMark, value: YamlNode) {
        self.key = key
        self.mark = mark
        self.value = value
    }
}

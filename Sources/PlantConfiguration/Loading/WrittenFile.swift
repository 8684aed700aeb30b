import ConfigurationSource

/// A YAML file of another kind than a configuration, read with the same care: where, what, what was meant.
package enum WrittenFile {
    /// The section at the root of a file; nil where it cannot be read, which the log says.
    package static func root(of path: String, as name: String, log: FaultLog) -> Section? {
        let source: SourceText
        do {
            source = try SourceFile.read(path)
        } catch {
            let place = SourceMark(SourceText(path: path, bytes: []), line: error.line, column: error.column)
            log.error(place, error.message)
            return nil
        }
        guard let root = YamlTree.read(source, log: log) else { return nil }
        guard case .mapping(let entries) = root.content else {
            log.error(root.mark, "\(name) is a section of keys, not \(root.summary)")
            return nil
        }
        return Section(entries, name: name, mark: SourceMark(source, line: 1, column: 1), log: log)
    }
}

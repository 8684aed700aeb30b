/// A mapping of the configuration, read key by key; it knows which keys nobody asked for.
///
/// ```
/// let interval = section.field("interval")?.duration(100...3_600_000)
/// ```
package final class Section {
    /// What it describes, for messages, e.g. `link 'hall'`.
    package let name: String
    /// Where a missing key is reported: at the key whose value this is.
    package let mark: SourceMark
    package let log: FaultLog
    private let entries: [YamlEntry]
    private var asked: [String] = []

    /// The section of those entries.
    package init(_ entries: [YamlEntry], name: String, mark: SourceMark, log: FaultLog) {
        self.entries = entries
        self.name = name
        self.mark = mark
        self.log = log
    }

    /// The keys in the order written.
    package var keys: [String] { entries.map(\.key) }

    /// The value of a key; nil where it is absent.
    package func field(_ key: String) -> Field? {
        asked.append(key)
        return entries.first { $0.key == key }.map { Field($0, log: log) }
    }

    /// The value of a key that must be there.
    package func required(_ key: String) -> Field? {
        if let field = field(key) { return field }
        log.error(mark, "missing key '\(key)' in \(name)")
        return nil
    }

    /// Whether the key is there; it counts as asked for.
    package func has(_ key: String) -> Bool { field(key) != nil }

    /// Every key with its value, for sections whose keys are names; all count as asked for.
    package var fields: [Field] {
        asked += entries.map(\.key)
        return entries.map { Field($0, log: log) }
    }

    /// Says of each key that is there but does not belong here, why.
    package func refuse(_ keys: [String], _ reason: String) {
        for key in keys { if let field = field(key) { log.error(field.keyMark, "'\(key)' \(reason)") } }
    }

    /// Reports the keys that nobody asked for.
    package func close() {
        let known = Set(asked)
        for entry in entries where !known.contains(entry.key) {
            if entry.key == "<<" {
                log.error(entry.mark, "'<<' does not exist in YAML 1.2: an alias stands for a whole value only")
            } else if let whole = keyWithoutColon(entry, among: known) {
                log.error(
                    entry.mark,
                    "unknown key '\(entry.key.prefix(60))' in \(name) (did you mean '\(whole.prefix(80))'?)")
            } else {
                log.error(
                    entry.mark, "unknown key '\(entry.key.prefix(60))' in \(name)", near: entry.key,
                    among: unique(asked))
            }
        }
    }

    /// `{kind gauge}` is YAML for a key `kind gauge` without a value.
    private func keyWithoutColon(_ entry: YamlEntry, among known: Set<String>) -> String? {
        let words = entry.key.split(separator: " ", maxSplits: 1)
        if entry.value.isNull, words.count == 2, known.contains(String(words[0])) { return "\(words[0]): \(words[1])" }
        guard entry.value.isNull, let colon = entry.key.firstIndex(of: ":"),
            known.contains(String(entry.key[..<colon]))
        else { return nil }
        return "\(entry.key[..<colon]): \(entry.key[entry.key.index(after: colon)...])"
    }

    private func unique(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }
}

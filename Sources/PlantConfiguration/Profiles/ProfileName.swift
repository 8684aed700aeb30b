import ConfigurationSource

/// Finds the profiles that somebody means who writes a part of the name, as it stands on the device.
enum ProfileName {
    /// ` (did you mean 'eastron-sdm630'?)`, or one of several; nothing where none is near.
    static func hint(for name: String, among known: [String]) -> String {
        let meant = matches(name, among: known)
        if meant.isEmpty { return "" }
        let shown = meant.prefix(4).map { "'\($0)'" }.joined(separator: " or ")
        return " (did you mean \(shown)?)"
    }

    /// The names that have the given one in them, or else the nearest one, whole or by one of its parts, or else those of the
    /// same series (`iem3155`: `schneider-iem3000`).
    static func matches(_ name: String, among known: [String]) -> [String] {
        let wanted = plain(name)
        guard wanted.utf8.count >= 2, wanted.utf8.count <= 64 else { return [] }
        let containing = known.filter { plain($0).contains(wanted) || wanted.contains(plain($0)) }
        if !containing.isEmpty { return containing }
        if let near = NearestName.nearest(to: name.lowercased(), among: known) { return [near] }
        func parts(_ text: String) -> [String] {
            text.lowercased().split { $0 == "-" || $0 == "_" || $0 == " " }.map(String.init)
        }
        let models = parts(name).filter { $0.utf8.count >= 4 }
        let near = known.filter { candidate in
            parts(candidate).contains { part in models.contains { NearestName.nearest(to: $0, among: [part]) != nil } }
        }
        if !near.isEmpty { return near }
        let series = models.map { $0.prefix(while: \.isLetter) }.filter { $0.utf8.count >= 2 }
        return known.filter { candidate in
            parts(candidate).contains { part in
                part.contains(where: \.isNumber) && series.contains(part.prefix(while: \.isLetter))
            }
        }
    }

    private static func plain(_ text: String) -> String { text.lowercased().filter { $0.isLetter || $0.isNumber } }
}

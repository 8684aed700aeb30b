import ConfigurationSource

extension YamlNode {
    /// The names of the definitions in a section.
    func names(under section: String) -> [String] {
        guard case .mapping(let sections) = content,
            case .mapping(let entries)? = sections.first(where: { $0.key == section })?.value.content
        else { return [] }
        return entries.map(\.key)
    }

    /// Adds the definitions of another file's sections, each in the place of one of the same name.
    mutating func add(_ other: YamlNode, _ log: FaultLog) {
        guard case .mapping(var sections) = content else { return }
        guard case .mapping(let added) = other.content else {
            log.error(other.mark, "a file to try is a section of keys such as objectives, not \(other.summary)")
            return
        }
        for section in added {
            guard ["objectives", "indicators", "derived", "calendars"].contains(section.key) else {
                log.error(
                    section.mark,
                    "a file to try has objectives, indicators, derived and calendars; with 'site' it is a whole configuration"
                )
                continue
            }
            guard let place = sections.firstIndex(where: { $0.key == section.key }) else {
                sections.append(section)
                continue
            }
            guard case .mapping(var entries) = sections[place].value.content,
                case .mapping(let more) = section.value.content
            else { continue }
            for entry in more {
                if let index = entries.firstIndex(where: { $0.key == entry.key }) {
                    entries[index] = entry
                } else {
                    entries.append(entry)
                }
            }
            sections[place].value.content = .mapping(entries)
        }
        content = .mapping(sections)
    }
}

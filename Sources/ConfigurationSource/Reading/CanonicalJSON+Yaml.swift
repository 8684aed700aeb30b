import Conformity

extension CanonicalJSON {
    /// A named section of the configuration with its keys as written, the name first.
    package init(_ node: YamlNode, name: String) {
        var members = [Member("name", .text(name))]
        if case .mapping(let entries) = node.content {
            members += entries.filter { $0.key != "name" }.map { Member($0.key, CanonicalJSON($0.value)) }
        }
        self = .object(members)
    }

    /// Any value of the configuration as written.
    package init(_ node: YamlNode) {
        switch node.content {
        case .sequence(let items): self = .list(items.map { CanonicalJSON($0) })
        case .mapping(let entries): self = .object(entries.map { Member($0.key, CanonicalJSON($0.value)) })
        case .scalar(let scalar):
            if scalar.isNull {
                self = .null
            } else if let flag = scalar.flag {
                self = .flag(flag)
            } else if let integer = scalar.integer {
                self = .integer(Int(integer))
            } else if let number = scalar.number {
                self = .number(number)
            } else {
                self = .text(scalar.text)
            }
        }
    }
}

import ConfigurationSource

extension PlantReader {
    /// The name under which something was known before.
    func formerName(_ section: Section, isPoint: Bool = false) -> String? {
        guard let field = section.field("was"), let name = field.name("the name before") else { return nil }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 1 || (isPoint && parts.count == 2), parts.allSatisfy(Identifier.isValid) else {
            field.error("'was' takes the name before, not '\(name.prefix(60))'")
            return nil
        }
        return name
    }
}

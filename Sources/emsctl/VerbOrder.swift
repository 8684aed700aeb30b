/// Lets the options that every verb has stand before the verb as well.
enum VerbOrder {
    private static let withValue: Set<String> = ["--socket", "--database", "--format"]
    private static let flags: Set<String> = ["-v", "--verbose"]

    /// The arguments with such options moved behind the others.
    static func verbFirst(_ arguments: [String]) -> [String] {
        var leading: [String] = []
        var rest = arguments[...]
        while let first = rest.first {
            if withValue.contains(first), rest.count >= 2 {
                leading += rest.prefix(2)
                rest = rest.dropFirst(2)
            } else if flags.contains(first) || withValue.contains(where: { first.hasPrefix($0 + "=") }) {
                leading.append(first)
                rest = rest.dropFirst()
            } else {
                break
            }
        }
        guard !rest.isEmpty else { return leading }
        let end = rest.firstIndex(of: "--") ?? rest.endIndex
        return rest[..<end] + leading + rest[end...]
    }
}

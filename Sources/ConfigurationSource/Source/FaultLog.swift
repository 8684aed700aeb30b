/// Collects what is wrong, so that one run tells everything.
package final class FaultLog {
    private var found: [ConfigurationFault] = []
    private var seen: Set<ConfigurationFault> = []

    /// Nothing found yet.
    package init() {}

    /// How many of the findings are errors.
    package private(set) var errorCount = 0

    /// Whether there is an error among the findings.
    package var hasErrors: Bool { errorCount > 0 }

    /// Says that something is wrong at a place; what is said twice of the same place is said once.
    package func error(_ mark: SourceMark, _ message: String) { add(.error, mark, message) }

    /// Says that a name is not known, with the nearest one that is.
    package func error(_ mark: SourceMark, _ message: String, near name: String, among known: some Sequence<String>) {
        error(mark, message + NearestName.hint(for: name, among: known))
    }

    /// Says that something looks wrong but stops nothing.
    package func warning(_ mark: SourceMark, _ message: String) { add(.warning, mark, message) }

    /// The findings by file, that one first and the others as they were met, then by place.
    package func faults(startingWith path: String) -> [ConfigurationFault] {
        var order = [path: 0]
        for fault in found where order[fault.file] == nil { order[fault.file] = order.count }
        return found.enumerated().sorted { a, b in
            let left = (order[a.element.file] ?? 0, a.element.line, a.element.column, a.offset)
            let right = (order[b.element.file] ?? 0, b.element.line, b.element.column, b.offset)
            return left < right
        }.map(\.element)
    }

    private func add(_ severity: ConfigurationFault.Severity, _ mark: SourceMark, _ message: String) {
        let fault = ConfigurationFault(
            file: mark.source.path, line: mark.line, column: mark.column, severity: severity, message: message)
        guard seen.insert(fault).inserted else { return }
        found.append(fault)
        if severity == .error { errorCount += 1 }
    }
}

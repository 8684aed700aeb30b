/// Finds the name that somebody probably meant.
package enum NearestName {
    /// ` (did you mean 'x'?)` for the nearest known name, or nothing where none is near.
    package static func hint(for name: String, among known: some Sequence<String>) -> String {
        nearest(to: name, among: known).map { " (did you mean '\($0)'?)" } ?? ""
    }

    /// The nearest known name; nil where none is near. Of equally near ones the first.
    package static func nearest(to name: String, among known: some Sequence<String>) -> String? {
        // What nobody would have typed by mistake is not worth the time of comparing it.
        guard name.utf8.count <= 64 else { return nil }
        let wanted = Array(name.lowercased().unicodeScalars)
        var best: (name: String, distance: Int)?
        for candidate in known where candidate != name {
            let other = Array(candidate.lowercased().unicodeScalars)
            var distance = distance(wanted, other)
            // `baudrate` for `baud`, `running` for `boiler.running`: one is the other with something added.
            if wanted.count >= 3, other.count >= 3, other.starts(with: wanted) || wanted.starts(with: other) {
                distance = min(distance, 2)
            } else if candidate.hasSuffix(".\(name)") {
                distance = min(distance, 1)
            }
            let limit = max(1, min(3, (max(wanted.count, other.count) + 1) / 3))
            if distance <= limit, distance < (best?.distance ?? .max) { best = (candidate, distance) }
        }
        return best?.name
    }

    /// Insertions, deletions, replacements and swaps of neighbours from one to the other.
    private static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in 1..<(a.count + 1) {
            var current = [i]
            for j in 1..<(b.count + 1) {
                var cost = min(last[j] + 1, current[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { cost = min(cost, beforeLast[j - 2] + 1) }
                current.append(cost)
            }
            beforeLast = last
            last = current
        }
        return last[b.count]
    }
}

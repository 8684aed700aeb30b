/// An order in which everything comes after what it is made of, and the circles that stand in the way of one.
struct Cycles {
    /// The indexes, each after its inputs; those on circles are in it too, somewhere.
    private(set) var order: [Int] = []
    /// Each circle once, beginning at its first index in the configuration's order.
    private(set) var found: [[Int]] = []

    /// Orders `count` things by what each is made of.
    init(count: Int, inputs: (Int) -> [Int]) {
        enum State { case new, open, done }
        var states = [State](repeating: .new, count: count)
        for root in 0..<count where states[root] == .new {
            // A stack of our own: a chain of ten thousand points must not end in an overflow.
            var path: [(index: Int, rest: ArraySlice<Int>)] = [(root, inputs(root)[...])]
            states[root] = .open
            while let last = path.indices.last {
                guard let input = path[last].rest.popFirst() else {
                    states[path[last].index] = .done
                    order.append(path[last].index)
                    path.removeLast()
                    continue
                }
                switch states[input] {
                case .new:
                    states[input] = .open
                    path.append((input, inputs(input)[...]))
                case .open:
                    let cycle = path.drop { $0.index != input }.map(\.index)
                    let first = cycle.indices.min { cycle[$0] < cycle[$1] } ?? 0
                    found.append(Array(cycle[first...] + cycle[..<first]))
                case .done: continue
                }
            }
        }
    }
}

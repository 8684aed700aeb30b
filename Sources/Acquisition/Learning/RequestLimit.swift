/// How many registers a device gives at once, found out from blocks that it refuses although it gives both their halves.
///
/// Such a block was either too long, or the device gives no request that spans the seam between the halves. It was not too
/// long where a longer one was read; then it is the seam.
struct RequestLimit {
    /// Two halves that lie side by side, are readable, and together are not.
    struct Seam: Hashable {
        var function: UInt8
        var address: Int
        /// Registers of both.
        var count: Int
    }

    /// The most registers that were read at once.
    private(set) var largestRead = 0
    private var seams: Set<Seam> = []

    /// The least number of registers that was refused for its length; nil: none was.
    var tooMany: Int? { seams.map(\.count).min() }

    /// Whether something came in since ``next(plan:)``.
    private(set) var hasNews = false

    /// Records that so many registers were read at once.
    mutating func read(_ count: Int) {
        guard count > largestRead else { return }
        largestRead = count
        hasNews = !seams.isEmpty
    }

    /// Records a block that was refused although its halves are readable.
    mutating func refused(_ seam: Seam) {
        seams.insert(seam)
        hasNews = true
    }

    /// The blocks that were refused for their seam, as a longer one was read; each is told once.
    mutating func provenSeams() -> [Seam] {
        let proven = seams.filter { $0.count <= largestRead }
        seams.subtract(proven)
        return proven.sorted { ($0.function, $0.address) < ($1.function, $1.address) }
    }

    /// The next limit to plan with, between what was read and what was too many, and whether it is settled: where no greater
    /// one would save a request.
    ///
    /// `plan` tells how many requests the plan with a limit has, and the registers of its longest.
    mutating func next(plan: (Int) -> (requests: Int, longest: Int)) -> (limit: Int, isSettled: Bool)? {
        hasNews = false
        guard let tooMany else { return nil }
        let certain = max(1, largestRead)
        var low = certain
        guard plan(tooMany - 1).requests < plan(certain).requests else { return (certain, true) }
        while low < tooMany - 1 {
            let middle = (low + tooMany) / 2
            if plan(middle).longest > certain { return (middle, false) }
            low = middle
        }
        return (certain, true)
    }
}

import Metering
import Modbus
import Platform

/// What asks a link on behalf of a meter.
protocol Asking: AnyObject {
    /// Asks, and gives the cells of the answer, valid until the next request.
    func ask(_ request: ReadRequest) throws(ModbusFailure) -> UnsafeBufferPointer<UInt16>
    /// What may still come that could be taken for the answer to the request.
    func awaited(_ request: ReadRequest) -> LateAnswers.Awaited
    /// Waits before a busy device is asked again; false where the program is stopping.
    func rest(nanoseconds: Int64) -> Bool
    /// Lets the other meters of the link have their slots that are due, after a request that took long.
    func giveWay()
}

/// One meter on its link: which registers are due, what became of them, and what they mean. Used by the link's thread only.
final class MeterPoller {
    private(set) var definition: MeterDefinition
    var slots: PollSlots
    var backOff = BackOff()
    var presence = Presence()
    /// Whether it has ever answered since the start.
    var hasAnswered = false
    /// Whether its last question ended a connection over which nothing had been asked yet.
    var endsConnections = false
    /// Whether its slot is being served.
    var isServed = false
    /// Why the last slot failed.
    var lastReason = Reason.none
    var points: [PolledPoint]
    private(set) var items: [ReadItem]
    /// Where the addresses count from: the SunSpec model's first register, or 0.
    private(set) var base = 0
    /// Whether that is certain.
    var knowsBase: Bool
    /// It is not looked for before this moment, after it was in vain.
    var nextSearch: Int64 = 0
    /// With what was learned of the device.
    var planner: RequestPlanner
    /// As configured, with the turnaround that was learned.
    private(set) var freshPlanner: RequestPlanner
    private(set) var turnaround = Turnaround()
    /// Whether other requests are planned since the turnaround was kept last.
    var isTurnaroundNews = false
    private let link: LinkDefinition
    var states: [ItemState]
    var refused = RefusedItems()
    var limit = RequestLimit()
    /// The limit of the device's own that is kept.
    var knownLimit: Int?
    /// The one that was announced last: found again after a day, it is no news.
    var announcedLimit: Int?
    /// What is kept of the device.
    let device: String
    /// No block is taken apart before this moment, after one was in vain.
    var nextBisection: Int64 = 0
    /// How often in a row the device said that it does not have a function.
    var missingFunctions: [ReadFunction: Int] = [:]
    /// Requests that had no answer when they were asked last.
    var quiet: [PlannedRequest: QuietRequest] = [:]
    /// Stretches that were answered with data as a whole; few, and looked through with each answer.
    var proven: [ReadItem] = []
    /// Slots in a row in which it was asked and answered nothing.
    var silentSlots = 0
    /// Values that were asked for alone since it is silent.
    var sampled = 0

    private let cells: UnsafeMutableBufferPointer<UInt16>
    private let offsets: [Int]
    private let intervals: [Int64]
    /// By the intervals that are due.
    private var plans: [UInt64: [PlannedRequest]] = [:]
    /// The one of them that was used last, and is as a rule used again.
    private var lastPlan: (mask: UInt64, requests: [PlannedRequest])?
    /// Whether answers show only their shape, as on a serial line.
    let hasBareAnswers: Bool
    /// What the answers of this slot and of the one before looked like; any of them may come once more.
    var shapes: (now: Set<AnswerShape>, before: Set<AnswerShape>) = ([], [])
    /// Which address is asked for with an answer of that look.
    var lengths: [AnswerShape: UInt16] = [:]
    /// Whether a refused item was tried again in this slot.
    var wasRetried = false
    /// Requests with extra cells that were answered.
    var provenExtras: Set<PlannedRequest> = []
    /// By the cell beside the wanted ones: since a request with it stayed silent, it is left out for a while.
    var silentExtras: [ReadItem: (until: Int64, wait: Int64)] = [:]
    /// Items that are parts of one index, from the coarsest to the finest.
    let indexParts: [[Int]]
    /// By item, with which answer of the slot it came.
    private(set) var answerOfItem: [Int]
    private var answers = 0
    /// Whether it was made sure in the slot that parts of an index belong together.
    var areIndexesSettled = true
    /// By place in ``points``, whether the reading of the slot was handed on.
    var isGiven: [Bool]
    private var isFirst = true
    private var positions: [PointIndex: Int]

    /// A poller whose slots begin after `now`.
    init(_ meter: MeterDefinition, on link: LinkDefinition, phase: Int64, now: Int64) {
        definition = meter
        knowsBase = meter.models.isEmpty
        self.link = link
        device = LearnedFacts.device(meter, on: link)
        slots = PollSlots(interval: MonotonicTime.milliseconds(meter.interval), phase: phase, now: now)
        if case .tcp = link.transport { hasBareAnswers = false } else { hasBareAnswers = true }
        freshPlanner = RequestPlanner(meter: meter, link: link)
        planner = freshPlanner
        var items: [ReadItem] = []
        func place(_ item: ReadItem) -> Int {
            if let known = items.firstIndex(of: item) { return known }
            items.append(item)
            return items.count - 1
        }
        let statuses = Set(meter.validWhen?.leaves ?? [])
        let points = meter.points.map { point in
            let function = point.map.table.readFunction
            let isStatus = statuses.contains(point.index)
            return PolledPoint(
                index: point.index, name: point.name, decoder: RegisterDecoder(point.map),
                laterDecoders: point.map.laterScales.map { later in
                    var map = point.map
                    map.scale = later.scale
                    return (later.from, RegisterDecoder(map))
                }, range: point.range,
                frozenAfter: point.frozenAfter.map(MonotonicTime.milliseconds),
                item: place(ReadItem(function: function, address: Int(point.map.address), count: point.map.count)),
                scaleItem: point.map.scaleRegister.map {
                    place(ReadItem(function: function, address: Int($0), count: 1))
                },
                every: max(1, point.interval / max(1, meter.interval)), isStatus: isStatus)
        }
        self.points = points
        self.items = items
        isGiven = Array(repeating: false, count: points.count)
        let itemOfPoint = Dictionary(points.map { ($0.index, $0.item) }) { first, _ in first }
        indexParts = meter.indexParts.map { $0.compactMap { itemOfPoint[$0] } }.filter { $0.count > 1 }
        answerOfItem = Array(repeating: 0, count: items.count)
        states = Array(repeating: .notAsked, count: items.count)
        var offset = 0
        offsets = items.map { item in
            defer { offset += item.count }
            return offset
        }
        cells = .allocate(capacity: max(1, offset))
        cells.initialize(repeating: 0)
        intervals = Array(Set(points.map(\.every)).sorted().prefix(64))
        positions = Dictionary(points.indices.map { (points[$0].index, $0) }) { first, _ in first }
    }

    deinit { cells.deallocate() }

    /// When its turn comes: at its slot, or a little later where its question may cost the others their connection.
    var turn: Int64 { slots.nextTime + (endsConnections ? min(slots.interval / 2, 200_000_000) : 0) }

    /// Whether a point gives a reading in the slot; in the first slot that is answered all do.
    func isDue(_ point: PolledPoint, slot: Int64) -> Bool { isFirst || slot % point.every == 0 }

    /// The same of the point at that place.
    func isDue(at position: Int, slot: Int64) -> Bool { isFirst || slot % points[position].every == 0 }

    /// The requests of a slot, planned once for each combination of intervals that are due.
    func plan(slot: Int64) -> [PlannedRequest] {
        var mask: UInt64 = 0
        for (bit, every) in intervals.enumerated() where isFirst || slot % every == 0 { mask |= 1 << UInt64(bit) }
        if let lastPlan, lastPlan.mask == mask { return lastPlan.requests }
        if let known = plans[mask] {
            lastPlan = (mask, known)
            return known
        }
        var wanted: Set<Int> = []
        for point in points where isDue(point, slot: slot) || point.isStatus {
            wanted.insert(point.item)
            if let scale = point.scaleItem { wanted.insert(scale) }
        }
        // What is refused, or looks so, is in nobody's way; what only looks so is asked for alone.
        let alone = refused.suspected.keys.filter(wanted.contains).sorted()
        let together = wanted.filter { refused.items[$0] == nil && refused.suspected[$0] == nil }.sorted()
        let plan = carefulPlanner.plan(together, of: items) + alone.map { PlannedRequest(covering: [$0], of: items) }
        plans[mask] = plan
        if hasBareAnswers {
            lengths.merge(carefulPlanner.lengths(of: plan, unit: definition.unit)) { known, _ in known }
        }
        return plan
    }

    /// The planner that leaves out what is refused, or looks so.
    var carefulPlanner: RequestPlanner {
        var careful = planner
        for item in refused.items.keys.sorted() + refused.suspected.keys.sorted() {
            let cells = ForbiddenCells(function: items[item].function, cells: items[item].address..<items[item].end)
            if !careful.forbidden.contains(cells) { careful.forbidden.append(cells) }
        }
        return careful
    }

    /// Takes note of how long an answer took beyond its time on the wire, and plans with that from now on.
    func noteTurnaround(_ nanoseconds: Int64) {
        guard turnaround.record(nanoseconds) else { return }
        let fresh = RequestPlanner(meter: definition, link: link, turnaround: turnaround.value)
        let isLimited = planner.maxRegisters < freshPlanner.maxRegisters
        let limit = isLimited ? min(planner.maxRegisters, fresh.maxRegisters) : fresh.maxRegisters
        freshPlanner = fresh
        guard planner.largestGap != fresh.largestGap || planner.maxRegisters != limit else { return }
        planner.largestGap = fresh.largestGap
        planner.maxRegisters = limit
        isTurnaroundNews = true
        replan()
    }

    /// Plans with a turnaround that was learned before, in nanoseconds; before anything else is learned.
    func expect(turnaround known: Int64) {
        turnaround = Turnaround(known)
        freshPlanner = RequestPlanner(meter: definition, link: link, turnaround: known)
        planner = freshPlanner
        replan()
    }

    /// Forgets the plans, after something was learned.
    func replan() {
        plans = [:]
        lastPlan = nil
        lengths = [:]
    }

    /// Counts the addresses from another register; false where they would pass the last one.
    func settle(at address: Int) -> Bool {
        guard items.allSatisfy({ $0.end - base + address <= 65_536 }) else { return false }
        for index in items.indices { items[index].address += address - base }
        base = address
        knowsBase = true
        replan()
        return true
    }

    /// Prepares for a slot: nothing read, what is refused bad already.
    func beginSlot() {
        shapes = ([], shapes.now)
        for position in isGiven.indices { isGiven[position] = false }
        areIndexesSettled = indexParts.isEmpty
        for item in states.indices {
            states[item] = refused.items[item].map { .failed($0.reasonUnasked) } ?? .notAsked
        }
    }

    /// Ends a slot; until the meter has answered in one, every slot is a first one.
    func endSlot(answered: Bool) {
        if answered { isFirst = false }
        // It may be another device that answers next, with its models elsewhere.
        if !answered { knowsBase = definition.models.isEmpty }
    }

    /// Keeps the cells of an answer for its items.
    func store(_ answer: UnsafeBufferPointer<UInt16>, of request: PlannedRequest) {
        answers += 1
        for item in request.items {
            answerOfItem[item] = answers
            let start = items[item].address - request.address
            for index in 0..<items[item].count { cells[offsets[item] + index] = answer[start + index] }
            states[item] = .read
        }
        if !request.function.isBits { limit.read(request.count) }
        if !missingFunctions.isEmpty { missingFunctions[request.function] = nil }
    }

    /// The cells of an item, as they were read in this slot.
    func words(of item: Int) -> UnsafeBufferPointer<UInt16> {
        UnsafeBufferPointer(rebasing: cells[offsets[item]..<offsets[item] + items[item].count])
    }

    /// Goes on for a definition that is polled alike, whose points have other places in the plant.
    func take(places other: MeterDefinition) {
        definition = other
        for (place, point) in other.points.enumerated() { points[place].index = point.index }
        positions = Dictionary(points.indices.map { (points[$0].index, $0) }) { first, _ in first }
    }

    /// Where a point of the meter stands in ``points``.
    func position(of point: PointIndex) -> Int? { positions[point] }
}

import Metering
import Modbus

extension MeterPoller {
    /// Nanoseconds after which a bisection that found nothing readable is tried again.
    private static let bisectionRest: Int64 = 60_000_000_000

    /// Ends asking in a slot: what was isolated is believed where the device answered for something; nil: nothing came in.
    func learn(now: Int64) -> Learning? {
        if refused.isSettled, !wasRetried, !limit.hasNews, !isTurnaroundNews, states.contains(.read) { return nil }
        let read = states.map { $0 == .read }
        let exception = states.lazy.compactMap { state -> UInt8? in
            guard case .failed(let reason) = state, (1...3).contains(Int(reason.rawValue) - 100) else { return nil }
            return reason.rawValue - 100
        }.first
        if exception != nil, !read.contains(true) { nextBisection = now + MeterPoller.bisectionRest }
        let seams = limit.provenSeams().compactMap { seam in
            ReadFunction(rawValue: seam.function).map {
                ForbiddenCells(function: $0, cells: seam.address..<seam.address)
            }
        }
        if !seams.isEmpty { refused.learnedPlan() }
        planner.forbidden += seams
        let settled = learnLimit()
        if let settled, settled != knownLimit { refused.learnedPlan() }
        var learning = refused.endSlot(read: read, exception: exception, now: now)
        if let settled, settled != knownLimit, learning.isNews {
            knownLimit = settled
            if settled != announcedLimit { learning.limit = settled }
            announcedLimit = settled
        }
        if isTurnaroundNews {
            isTurnaroundNews = false
            learning.isNews = true
        }
        if learning.isNews || learning.changesPlan || !seams.isEmpty { replan() }
        return learning
    }

    /// Forgets for a trial what is known of the device.
    func beginAfresh() {
        planner = freshPlanner
        limit = RequestLimit()
        quiet = [:]
        proven = []
        knownLimit = nil
        knowsBase = definition.models.isEmpty
        // What was kept is to be replaced by what the trial shows.
        refused.learnedPlan()
        replan()
    }

    /// Plans with the limit that what was refused for its length leads to; returns it once it is settled.
    private func learnLimit() -> Int? {
        let whole = Array(items.indices)
        guard limit.hasNews else { return nil }
        let next = limit.next { [planner, items, freshPlanner] registers in
            var trial = planner
            trial.maxRegisters = min(registers, freshPlanner.maxRegisters)
            let plan = trial.plan(whole, of: items)
            return (plan.count, plan.lazy.filter { !$0.function.isBits }.map(\.count).max() ?? 0)
        }
        guard let next else { return nil }
        let registers = min(next.limit, freshPlanner.maxRegisters)
        if planner.maxRegisters != registers {
            planner.maxRegisters = registers
            replan()
        }
        return next.isSettled ? registers : nil
    }

    // MARK: Keeping

    /// Takes over what was known of the device, unless that was another one.
    ///
    /// - Parameters:
    ///   - now: Nanoseconds of the monotonic clock.
    ///   - wallClock: The same moment.
    func adopt(_ facts: LearnedFacts, now: Int64, wallClock: Instant) {
        guard facts.device == device else { return }
        if let turnaround = facts.turnaround { expect(turnaround: turnaround * 1000) }
        guard !facts.refusesNothing else { return }
        if let model = facts.model, model.numbers == definition.models {
            _ = settle(at: model.address)
            // What is known of its registers counts from there, but it may be another device by now.
            knowsBase = false
        }
        let age = wallClock.milliseconds - facts.since
        // From the future, because the clock was wrong: it is tried anew at once.
        let since = age < 0 ? now - RefusedItems.validity : now - min(age * 1_000_000, RefusedItems.validity)
        var known: [Int: ModbusFailure] = [:]
        var unwanted: [LearnedFacts.Cells] = []
        for cells in facts.refused {
            let item = items.firstIndex {
                $0.function.rawValue == cells.function && $0.address == cells.start && $0.end == cells.end
            }
            if let item, let code = cells.exception {
                known[item] = ModbusFailure(code: code)
            } else {
                unwanted.append(cells)
            }
        }
        refused = RefusedItems(items: known, since: since, refusesAll: facts.refusesAll, now: now)
        for cells in facts.forbidden + unwanted where cells.start <= cells.end {
            guard let function = ReadFunction(rawValue: cells.function) else { continue }
            planner.forbidden.append(ForbiddenCells(function: function, cells: cells.start..<cells.end))
        }
        if let limit = facts.maxRegisters, limit >= 1 {
            knownLimit = limit
            announcedLimit = limit
            planner.maxRegisters = min(planner.maxRegisters, limit)
        }
        replan()
    }

    /// What is to be kept of the device.
    func facts(now: Int64, wallClock: Instant) -> LearnedFacts {
        let age = refused.since.map { (now - $0) / 1_000_000 } ?? 0
        var facts = LearnedFacts(device: device, since: wallClock.milliseconds - age)
        func cells(_ item: Int, _ failure: ModbusFailure) -> LearnedFacts.Cells {
            LearnedFacts.Cells(
                function: items[item].function.rawValue, start: items[item].address, end: items[item].end,
                exception: failure.code)
        }
        facts.refused = refused.items.sorted { $0.key < $1.key }.map(cells)
        facts.forbidden = planner.forbidden.map {
            LearnedFacts.Cells(function: $0.function.rawValue, start: $0.cells.lowerBound, end: $0.cells.upperBound)
        }
        facts.maxRegisters = knownLimit
        facts.refusesAll = refused.refusesAll
        if knowsBase, !definition.models.isEmpty {
            facts.model = LearnedFacts.Model(numbers: definition.models, address: base)
        }
        facts.turnaround = turnaround.value == Turnaround.assumed ? nil : turnaround.value / 1000
        return facts
    }
}

import Metering
import Modbus

/// Registers that a device does not give are found by asking for less, whether it refuses them, keeps silent about them, hangs
/// up or answers with another length.
extension MeterPoller {
    /// The requests of a slot, those last that had no answer lately; of a meter that is silent as a whole, beginning with another
    /// one each time, but with those that were answered once before the others.
    func inTurn(_ requests: [PlannedRequest]) -> [PlannedRequest] {
        guard !quiet.isEmpty || silentSlots > 0, requests.count > 1 else { return requests }
        let rank = requests.indices.map { index -> (Int, Int) in
            guard silentSlots > 0 else { return (quiet[requests[index]]?.times ?? 0, index) }
            let turn = (index + silentSlots) % requests.count
            return (proven.contains(requests[index].stretch) ? 0 : 1, turn)
        }
        return requests.indices.sorted { rank[$0] < rank[$1] }.map { requests[$0] }
    }

    /// One value of a block, asked for alone where the meter as a whole kept silent: it may have all but the cells beside.
    ///
    /// In every other slot where no block was ever read, else in every eighth.
    func sample(of requests: [PlannedRequest]) -> PlannedRequest? {
        guard silentSlots > 0 else { return nil }
        let blocks = requests.filter { $0.items.count > 1 }
        let isProven = blocks.contains { proven.contains($0.stretch) }
        guard !blocks.isEmpty, silentSlots % (isProven ? 8 : 2) == 1 else { return nil }
        let values = blocks.flatMap(\.items)
        sampled += 1
        return PlannedRequest(covering: [values[sampled % values.count]], of: items)
    }

    /// Asks for such a value.
    func askSample(_ sample: PlannedRequest, _ progress: inout SlotProgress, over link: some Asking) {
        do throws(ModbusFailure) {
            try askPatiently(sample, over: link)
            progress.isAnswered()
            progress.sampleAnswered = true
        } catch {
            progress.fails(error)
            if error.isOfRequest { progress.isAnswered() } else { progress.silences += 1 }
        }
    }

    /// Takes note of the requests of a slot that had no answer, while others had theirs.
    ///
    /// A block is taken apart once that has happened in two slots; one that was read as a whole before only after many, for then
    /// it is hardly a matter of its registers.
    func noteQuiet(_ progress: SlotProgress, _ budget: inout Int, now: Int64, over link: some Asking) {
        for (request, failure) in progress.quiet {
            var state = quiet[request] ?? QuietRequest()
            state.failed(now: now, interval: slots.interval)
            quiet[request] = state
            let isStrange = !proven.contains(request.stretch) || state.times >= QuietRequest.patience
            guard failure.takesApart, isStrange else { continue }
            if request.items.count == 1 {
                refused.isolate(request.items[0], failure)
            } else if state.times >= 2 || progress.sampleAnswered {
                link.giveWay()
                if bisect(request, failure, &budget, over: link) != nil { return }
            }
        }
    }

    /// Takes a block apart that the device does not give, until the values that it does not give are alone; returns why
    /// nothing more can be asked.
    func bisect(
        _ request: PlannedRequest, _ failure: ModbusFailure, _ budget: inout Int, over link: some Asking
    ) -> ModbusFailure? {
        guard request.items.count > 1 else {
            refused.isolate(request.items[0], failure)
            fail(request.items, failure.reason)
            return nil
        }
        guard budget >= 2 else {
            fail(request.items, failure.reason)
            return nil
        }
        // Each silence takes the time of many exceptions.
        budget -= failure.isOfRequest ? 2 : 6
        let middle = request.items.count / 2
        let halves = [
            PlannedRequest(covering: Array(request.items[..<middle]), of: items),
            PlannedRequest(covering: Array(request.items[middle...]), of: items),
        ]
        var whole = 0
        for half in halves {
            do throws(ModbusFailure) {
                try askPatiently(half, over: link)
                whole += 1
            } catch {
                if error == .linkDown || error == .refused { return error }
                if !error.isOfRequest { link.giveWay() }
                if error.takesApart {
                    if let end = bisect(half, error, &budget, over: link) { return end }
                } else {
                    fail(half.items, error.reason)
                }
            }
        }
        guard whole == 2 else { return nil }
        // Refused once and never again, that was no matter of the registers; silence comes by chance more often.
        for _ in 0..<(failure.isOfRequest ? 1 : 2) {
            do throws(ModbusFailure) {
                try askPatiently(request, over: link)
                return nil
            } catch {
                if error == .linkDown || error == .refused { return error }
                if !error.takesApart { return nil }
                if !error.isOfRequest { link.giveWay() }
            }
        }
        learnSeam(halves[0], halves[1], of: request)
        return nil
    }

    /// Both halves are readable, together they are not: the cells between them are refused, or the block was too long.
    private func learnSeam(_ left: PlannedRequest, _ right: PlannedRequest, of whole: PlannedRequest) {
        let end = left.address + left.count
        if right.address <= end, !whole.function.isBits {
            limit.refused(
                .init(function: whole.function.rawValue, address: right.address, count: whole.count))
            return
        }
        refused.learnedPlan()
        planner.forbidden.append(ForbiddenCells(function: whole.function, cells: end..<max(end, right.address)))
        replan()
    }
}

extension ModbusFailure {
    /// Whether the device itself answered, and only this request is in question.
    var isOfRequest: Bool {
        switch self {
        case .exception(let code): code != 10 && code != 11
        case .length: true
        case .timeout, .crc, .frame, .reset, .refused, .linkDown: false
        }
    }

    /// Whether it may come in place of registers that the device does not have; noise on the line does not say so.
    var takesApart: Bool {
        switch self {
        case .exception(let code): [2, 3, 10, 11].contains(code)
        case .timeout, .reset, .length: true
        case .crc, .frame, .refused, .linkDown: false
        }
    }
}

import Metering
import Modbus

extension MeterPoller {
    /// What asking in one slot came to.
    enum Outcome: Equatable {
        /// Every request was answered with data.
        case complete
        /// The meter answers, but not for everything.
        case partial(Reason)
        /// The meter gave no answer.
        case silent(ModbusFailure)
    }

    /// Requests that taking blocks apart may cost in one slot.
    private static let bisectionBudget = 32
    /// Nanoseconds for which cells are left out that a silent request had as extras, at first and at most.
    private static let extraWaits: ClosedRange<Int64> = 60_000_000_000...86_400_000_000_000
    /// Waits before a busy device is asked again, in nanoseconds.
    private static let busyWaits: [Int64] = [50_000_000, 100_000_000, 200_000_000]

    /// Asks for what the slot needs; afterwards each due item is read, or failed with its reason.
    ///
    /// `eachAnswer` is called when a request was answered and others follow.
    func askAll(slot: Int64, now: Int64, over link: some Asking, eachAnswer: () -> Void = {}) -> Outcome {
        if refused.expire(now: now) { beginAfresh() }
        wasRetried = false
        beginSlot()
        if !knowsBase, let failure = findModel(now: now, over: link) {
            failRest(failure.reason)
            if case .exception(let code) = failure, code != 10, code != 11 { return .partial(failure.reason) }
            return .silent(failure)
        }
        var budget = MeterPoller.bisectionBudget
        var firstFailure: Reason?
        var answered = false
        for request in plan(slot: slot) {
            if answered { eachAnswer() }
            if let rest = silent[request], !rest.allows(now) {
                fail(request.items, .timeout)
                firstFailure = firstFailure ?? .timeout
                continue
            }
            let asked = toldApart(request, now: now, over: link)
            do throws(ModbusFailure) {
                try ask(asked, now: now, over: link)
                answered = true
                silent[request] = nil
            } catch {
                if firstFailure == nil { firstFailure = error.reason }
                if case .exception(let code) = error, code != 10, code != 11 {
                    answered = true
                    if code == 2 || code == 3, request.items.count > 1, now >= nextBisection {
                        if let failure = bisect(request, code, &budget, over: link) {
                            failRest(failure.reason)
                            return .partial(failure.reason)
                        }
                    } else if code == 1 {
                        refuseFunction(request)
                    } else if code == 2 || code == 3, request.items.count == 1 {
                        refused.isolate(request.items[0], exception: code)
                        fail(request.items, error.reason)
                    } else {
                        fail(request.items, error.reason)
                    }
                    continue
                }
                failRest(error.reason)
                guard answered else { return .silent(error) }
                guard asked.extra == nil || provenExtras.contains(asked) else { return .partial(error.reason) }
                var rest = silent[request] ?? BackOff()
                rest.failed(now: now, cost: 0, interval: slots.interval, alone: false)
                silent[request] = rest
                return .partial(error.reason)
            }
        }
        if answered { retryRefused(now: now, over: link) }
        return firstFailure.map { .partial($0) } ?? .complete
    }

    /// A function that the device does not have is no matter of single registers: all of the request go together.
    private func refuseFunction(_ request: PlannedRequest) {
        let times = (missingFunctions[request.function] ?? 0) + 1
        missingFunctions[request.function] = times
        if times >= RefusedItems.patience {
            for item in request.items { refused.isolate(item, exception: 1, isCertain: true) }
        }
        fail(request.items, .exception(1))
    }

    /// Tries one refused item again where it is time.
    private func retryRefused(now: Int64, over link: some Asking) {
        guard let item = refused.retry(now: now) else { return }
        wasRetried = true
        do throws(ModbusFailure) {
            try askPatiently(PlannedRequest(covering: [item], of: items), over: link)
        } catch {
            // It stays as it is; that it was tried again costs its meter nothing.
        }
    }

    /// The request, a few cells longer where its answer could not be told from another one of the meter.
    private func toldApart(_ request: PlannedRequest, now: Int64, over link: some Asking) -> PlannedRequest {
        guard hasBareAnswers else { return request }
        let unit = definition.unit
        let planner = carefulPlanner
        func told(_ worst: LateAnswers.Awaited, ofOwn: Bool, fresh: Bool) -> PlannedRequest? {
            planner.told(request) { candidate in
                let asked = candidate.request(unit: unit)
                let isLeftOut = candidate.beside.flatMap { silentExtras[$0] }.map { now < $0.until } ?? false
                return (!isLeftOut || provenExtras.contains(candidate)) && !asked.echoLooksLikeAnswer
                    && link.awaited(asked) <= worst
                    && (!ofOwn || lengths[asked.shape, default: asked.address] == asked.address)
                    && (!fresh || !shapes.now.contains(asked.shape) && !shapes.before.contains(asked.shape))
            }
        }
        // An old value of the right register is less bad than another register's.
        let told =
            told(.nothing, ofOwn: true, fresh: true) ?? told(.again, ofOwn: true, fresh: true)
            ?? told(.again, ofOwn: true, fresh: false) ?? told(.again, ofOwn: false, fresh: true)
            ?? told(.again, ofOwn: false, fresh: false) ?? request
        shapes.now.insert(told.request(unit: unit).shape)
        return told
    }

    private func ask(_ request: PlannedRequest, now: Int64, over link: some Asking) throws(ModbusFailure) {
        guard let extra = request.extra, let beside = request.beside, !provenExtras.contains(request) else {
            return try askPatiently(request, over: link)
        }
        do throws(ModbusFailure) {
            try askPatiently(request, over: link)
            provenExtras.insert(request)
            silentExtras[beside] = nil
        } catch {
            guard error == .exception(2) || error == .exception(3) else {
                // Some devices keep silent about cells that they do not have, but silence has other causes too.
                let waits = MeterPoller.extraWaits
                let wait = silentExtras[beside].map { min(2 * $0.wait, waits.upperBound) } ?? waits.lowerBound
                silentExtras[beside] = (now + wait, wait)
                throw error
            }
            silentExtras[beside] = nil
            refused.learnedPlan()
            planner.forbidden.append(ForbiddenCells(function: request.function, cells: extra))
            replan()
            shapes.now.insert(request.plain.request(unit: definition.unit).shape)
            try askPatiently(request.plain, over: link)
        }
    }

    private func askPatiently(_ request: PlannedRequest, over link: some Asking) throws(ModbusFailure) {
        for wait in MeterPoller.busyWaits {
            do throws(ModbusFailure) {
                store(try link.ask(request.request(unit: definition.unit)), of: request)
                return
            } catch {
                guard error == .exception(6) || error == .exception(5),
                    wait < slots.interval / 4, link.rest(nanoseconds: wait)
                else { throw error }
            }
        }
        store(try link.ask(request.request(unit: definition.unit)), of: request)
    }

    /// Takes a refused block apart until the refused values are alone; a failure other than an exception ends it.
    private func bisect(
        _ request: PlannedRequest, _ code: UInt8, _ budget: inout Int, over link: some Asking
    ) -> ModbusFailure? {
        guard request.items.count > 1 else {
            refused.isolate(request.items[0], exception: code)
            fail(request.items, .exception(code))
            return nil
        }
        guard budget >= 2 else {
            fail(request.items, .exception(code))
            return nil
        }
        budget -= 2
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
            } catch .exception(let inner) where inner == 2 || inner == 3 {
                if let failure = bisect(half, inner, &budget, over: link) { return failure }
            } catch .exception(let inner) where inner != 10 && inner != 11 {
                fail(half.items, .exception(inner))
            } catch {
                return error
            }
        }
        guard whole == 2 else { return nil }
        do throws(ModbusFailure) {
            // Refused once and never again: that was no matter of the registers.
            try askPatiently(request, over: link)
        } catch {
            if error == .exception(2) || error == .exception(3) {
                learnSeam(halves[0], halves[1], of: request)
            } else {
                return error
            }
        }
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

    private func fail(_ failed: [Int], _ reason: Reason) {
        for item in failed where states[item] != .read { states[item] = .failed(reason) }
    }

    func failRest(_ reason: Reason) {
        for item in states.indices where states[item] == .notAsked { states[item] = .failed(reason) }
    }
}

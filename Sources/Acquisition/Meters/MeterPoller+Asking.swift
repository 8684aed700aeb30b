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
    /// A request without an answer says nothing about the others: they are asked all the same, until two in a row stay without
    /// one. `eachAnswer` is called when a request was answered and others follow.
    func askAll(slot: Int64, now: Int64, over link: some Asking, eachAnswer: () -> Void = {}) -> Outcome {
        if refused.expire(now: now) { beginAfresh() }
        wasRetried = false
        beginSlot()
        var progress = SlotProgress()
        if !knowsBase, let failure = findModel(now: now, over: link) {
            failRest(failure.reason)
            if failure.isOfRequest { return .partial(failure.reason) }
            return .silent(failure)
        }
        let wasSilent = silentSlots > 0
        let requests = plan(slot: slot)
        if let sample = sample(of: requests) { askSample(sample, &progress, over: link) }
        var budget = MeterPoller.bisectionBudget
        for request in inTurn(requests) {
            // Who was silent in the slot before is only looked for.
            if progress.silences >= (wasSilent && !progress.answered ? 1 : SlotProgress.patience) { break }
            if progress.answered { eachAnswer() }
            if progress.answered, let rest = quiet[request], !rest.allows(now) { continue }
            guard ask(request, &progress, &budget, now: now, over: link) else { break }
        }
        if progress.answered {
            noteQuiet(progress, &budget, now: now, over: link)
            retryRefused(now: now, over: link)
            settleIndexes(now: now, over: link)
        }
        let outcome = progress.outcome
        if case .silent(let failure) = outcome {
            silentSlots += 1
            failRest(failure.reason)
        } else {
            silentSlots = 0
            // What was not sent ran into no timeout.
            failRest(.skipped)
        }
        return outcome
    }

    /// Asks one request of the slot; false where nothing more can be asked.
    private func ask(
        _ request: PlannedRequest, _ progress: inout SlotProgress, _ budget: inout Int, now: Int64,
        over link: some Asking
    ) -> Bool {
        let asked = toldApart(request, now: now, over: link)
        do throws(ModbusFailure) {
            try ask(asked, now: now, over: link)
            progress.isAnswered()
            if !quiet.isEmpty { quiet[request] = nil }
            if !proven.contains(request.stretch) { proven.append(request.stretch) }
            return true
        } catch {
            progress.fails(error)
            fail(request.items, error.reason)
            switch error {
            case .linkDown, .refused: return false
            case .exception(1):
                progress.isAnswered()
                refuseFunction(request)
            case .exception(2), .exception(3), .length:
                progress.isAnswered()
                if request.items.count == 1 {
                    refused.isolate(request.items[0], error)
                } else if now >= nextBisection {
                    return bisect(request, error, &budget, over: link) == nil
                }
            case .exception(let code) where code != 10 && code != 11: progress.isAnswered()
            default:
                progress.silences += 1
                // Silence about cells that nobody wants is no matter of the wanted ones.
                if asked.extra == nil || provenExtras.contains(asked) { progress.quiet.append((request, error)) }
            }
            return true
        }
    }

    /// A function that the device does not have is no matter of single registers: all of the request go together.
    private func refuseFunction(_ request: PlannedRequest) {
        let times = (missingFunctions[request.function] ?? 0) + 1
        missingFunctions[request.function] = times
        if times >= RefusedItems.patience {
            for item in request.items { refused.isolate(item, .exception(1), isCertain: true) }
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
    func toldApart(_ request: PlannedRequest, now: Int64, over link: some Asking) -> PlannedRequest {
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

    func ask(_ request: PlannedRequest, now: Int64, over link: some Asking) throws(ModbusFailure) {
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

    func askPatiently(_ request: PlannedRequest, over link: some Asking) throws(ModbusFailure) {
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

    func fail(_ failed: [Int], _ reason: Reason) {
        for item in failed where states[item] != .read { states[item] = .failed(reason) }
    }

    func failRest(_ reason: Reason) {
        for item in states.indices where states[item] == .notAsked { states[item] = .failed(reason) }
    }
}

import Glibc
import Metering
import Modbus
import Platform

extension LinkRunner {
    /// Serves the slot of a meter that has come: asks, or says why not; every due point gets a reading.
    func serve(_ index: Int) {
        let outer = serving
        serving = index
        depth += 1
        pollers[index].isServed = true
        defer {
            serving = outer
            depth -= 1
            pollers[index].isServed = false
        }
        serveSlot(index)
    }

    private func serveSlot(_ index: Int) {
        let poller = pollers[index]
        let began = MonotonicTime.now()
        let due = poller.slots.nextTime
        let (slot, skipped) = poller.slots.take(at: began)
        let wireBefore = client.counters
        account = SlotAccount()
        let isUp = if case .connected = connection { true } else { false }
        var readings: [PolledValue]
        var outcome: MeterPoller.Outcome?
        var isRested = false
        var learning: Learning?
        if isUp {
            // A meter is kept from its slots only for the sake of others.
            if !isAnswering(besides: index) || poller.backOff.allows(began, among: silentMeters) {
                let result = poller.askAll(slot: slot, now: began, over: self) {
                    // A reading has the time at which its answer came; what comes within some milliseconds keeps one time.
                    guard client.roundTrip >= LinkRunner.slowAnswer else { return }
                    let readings = poller.values(slot: slot, now: began, isOver: false)
                    if !readings.isEmpty { sink.deliver(readings, from: poller.definition.name) }
                }
                // What was not asked because of the end of the program is no failure of the meter.
                if isStopping { return }
                outcome = result
                learning = poller.learn(now: began)
                readings = poller.values(slot: slot, now: began)
            } else {
                isRested = true
                readings = poller.badValues(slot: slot, reason: .skipped)
            }
        } else {
            outcome = .silent(down.failure)
            let reason: Reason = down.failure == .timeout ? .linkDown : down.failure.reason
            readings = poller.badValues(slot: slot, reason: reason)
            if presence.miss(now: began) { tellLost(down.failure.reason, down.description) }
        }
        let isSilent = if case .silent = outcome { true } else { isRested }
        poller.endSlot(answered: !isSilent)
        let ended = MonotonicTime.now()
        if let outcome { judge(index, outcome, began: began, ended: ended) }
        sink.deliver(readings, from: poller.definition.name)
        // Without a connection nothing is known of the meter.
        if isUp { report(poller, isSilent: isSilent) }
        if !isUnnumberedTold, client.counters.unnumbered >= 3 {
            isUnnumberedTold = true
            events(.answersUnnumbered(link: link.name))
        }
        if !isForeignTold, client.foreign.isCertain {
            isForeignTold = true
            events(.foreignMaster(link: link.name, units: client.foreign.units.sorted()))
        }
        if let learning, learning != Learning() { report(poller, learning, now: began) }
        write(
            index, outcome: outcome, skipped: skipped, isRested: isRested,
            lateness: began - max(due, poller.slots.time(of: slot)),
            wire: client.counters - wireBefore - account.wireOfOthers)
    }

    private func judge(_ index: Int, _ outcome: MeterPoller.Outcome, began: Int64, ended: Int64) {
        let poller = pollers[index]
        var cost = account.unanswered
        switch outcome {
        case .complete, .partial:
            poller.backOff.answered()
            poller.hasAnswered = true
            poller.endsConnections = false
            poller.lastReason = if case .partial(let reason) = outcome { reason } else { .none }
        case .silent(let failure):
            poller.lastReason = failure.reason
            // A link that is down says nothing about the meter: it is asked as soon as the link is back.
            guard account.requests > 0 else { return }
            poller.endsConnections = failure == .reset
            if failure == .reset {
                cost = max(cost, LinkRunner.lossCost)
                if !client.isConnected { endedBy = index }
            }
        }
        let isHurting = isAnswering(besides: index)
        if case .silent = outcome {
            poller.backOff.failed(now: ended, cost: isHurting ? cost : 0, among: silentMeters + 1)
        } else if isHurting {
            poller.backOff.charge(cost, now: ended, among: silentMeters)
        }
    }

    private func report(_ poller: MeterPoller, isSilent: Bool) {
        let name = poller.definition.name
        if isSilent {
            let now = MonotonicTime.now()
            if poller.presence.willBeLost(now: now), isLineSilent(beside: poller), presence.lose() {
                tellLost(
                    poller.lastReason,
                    link.isSerial
                        ? "none of its \(pollers.count) meters answers: check the line, its converter and its power"
                        : LinkRunner.unanswered.description)
            }
            // While the link is lost, its meters are not told of one by one.
            if poller.presence.miss(now: now, isHeld: presence.isLost) {
                events(.meterLost(meter: name, reason: poller.lastReason))
            }
        } else if poller.presence.answer() {
            events(.meterBack(meter: name))
        }
    }

    /// Whether no meter of the line has answered in its last slot: with fewer than three that says nothing of the line.
    private func isLineSilent(beside poller: MeterPoller) -> Bool {
        pollers.count >= 3 && pollers.allSatisfy { $0 === poller || $0.presence.isMissing }
    }

    private func tellLost(_ reason: Reason, _ cause: String) {
        events(.linkLost(link: link.name, reason: reason, cause: cause, meters: pollers.count))
        book.write {
            $0.isLost = true
            $0.reason = reason
            $0.cause = cause
        }
    }

    private func report(_ poller: MeterPoller, _ learning: Learning, now: Int64) {
        let name = poller.definition.name
        func points(_ isMeant: (Int) -> Bool) -> [PointIndex] {
            poller.points.filter { isMeant($0.item) || $0.scaleItem.map(isMeant) ?? false }.map(\.index)
        }
        for failure in Set(learning.refused.values).sorted(by: { $0.code < $1.code }) {
            let refused = points { learning.refused[$0] == failure }
            events(.registersRefused(meter: name, points: refused, with: failure))
        }
        if let exception = learning.refusesAll { events(.everythingRefused(meter: name, exception: exception)) }
        let accepted = points(learning.accepted.contains)
        if !accepted.isEmpty { events(.registersAccepted(meter: name, points: accepted)) }
        if let registers = learning.limit { events(.limitLearned(meter: name, registers: registers)) }
        if learning.isNews {
            events(.learned(meter: name, facts: poller.facts(now: now, wallClock: .ofWallClock)))
        }
    }

    private func write(
        _ index: Int, outcome: MeterPoller.Outcome?, skipped: Int, isRested: Bool, lateness: Int64, wire: WireCounters
    ) {
        let poller = pollers[index]
        let wallClock = Instant.ofWallClock
        // Where it stands: a copy would cost more than all that is changed.
        func note(in health: inout MeterHealth) {
            health.skippedSlots += skipped
            health.requests += account.requests
            health.wire = health.wire + wire
            health.lateness = Double(lateness) / 1e6
            health.isProbing = poller.backOff.isProbing
            health.isLost = poller.presence.isLost
            health.reason = poller.lastReason
            if isRested { health.restedSlots += 1 }
            if let outcome {
                health.polls += 1
                switch outcome {
                case .complete: health.answers += 1
                case .partial(let reason): health.errors[reason, default: 0] += 1
                case .silent(let failure): health.errors[failure.reason, default: 0] += 1
                }
                if account.isAnswered { health.lastAnswer = wallClock }
            }
            guard !poller.refused.items.isEmpty || !health.refused.isEmpty else { return }
            health.refused = [:]
            for point in poller.points {
                if let failure = poller.refused.items[point.item] { health.refused[point.index] = failure }
            }
        }
        book.write { pages in
            pages.busy = busy
            note(in: &pages.entries[index].health)
        }
    }
}

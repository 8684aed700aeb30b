import Metering
import Modbus

/// One request of a meter's plan, with the reason why it is one of its own.
package struct ExplainedRequest: Sendable, Hashable {
    /// Milliseconds between the slots that this plan is for; what is due more often is read in them too.
    package var interval: Int64
    /// What is asked; nil for points that are not asked for.
    package var request: ReadRequest?
    /// The points it brings, scale registers without names.
    package var points: [String]
    /// Cells that are read along although nobody wants them.
    package var gaps: Int
    /// Milliseconds that both frames, two silences and the device's turnaround take on a serial line; nil elsewhere.
    package var wireTime: Double?
    /// Why it is a request of its own.
    package var why: String
}

extension ExplainedRequest {
    /// The requests of a meter, for each of its intervals, and then what the device refuses.
    package static func plan(
        of meter: MeterDefinition, on link: LinkDefinition, knowing facts: LearnedFacts?
    ) -> [ExplainedRequest] {
        let poller = MeterPoller(meter, on: link, phase: 0, now: 0)
        if let facts {
            poller.adopt(facts, now: 0, wallClock: Instant(milliseconds: facts.since))
        }
        poller.endSlot(answered: true)
        var rows: [ExplainedRequest] = []
        for every in Set(poller.points.map(\.every)).sorted() {
            let plan = poller.plan(slot: every)
            for (position, request) in plan.enumerated() {
                rows.append(
                    ExplainedRequest(
                        interval: every * meter.interval, request: request.request(unit: meter.unit),
                        points: poller.names(of: request), gaps: poller.unwanted(in: request),
                        wireTime: link.wireTime(of: request, turnaround: poller.turnaround.value),
                        why: poller.reason(request, after: position > 0 ? plan[position - 1] : nil)
                            + (poller.knowsBase || poller.base > 0
                                ? "" : "; addresses count from its SunSpec model, which is looked for first")
                            + (poller.hasBareAnswers ? "; some cells longer in turn, to tell its answers apart" : "")))
            }
        }
        for point in poller.points {
            guard let failure = poller.refusal(of: point) else { continue }
            rows.append(
                ExplainedRequest(
                    interval: point.every * meter.interval, request: nil, points: [point.name], gaps: 0, wireTime: nil,
                    why: "not asked for: the device \(failure.inPlaceOfAnswer); tried again after a day"))
        }
        return rows
    }
}

extension MeterPoller {
    /// What comes in place of an answer for a point that the device does not give, or for its scale register.
    func refusal(of point: PolledPoint) -> ModbusFailure? {
        refused.items[point.item] ?? point.scaleItem.flatMap { refused.items[$0] }
    }

    fileprivate func names(of request: PlannedRequest) -> [String] {
        points.filter { request.items.contains($0.item) }.map(\.name)
    }

    fileprivate func unwanted(in request: PlannedRequest) -> Int {
        let wanted = Set(request.items.flatMap { items[$0].address..<items[$0].end })
        return request.count - wanted.count
    }

    fileprivate func reason(_ request: PlannedRequest, after previous: PlannedRequest?) -> String {
        guard let previous else { return "the first of the slot" }
        guard previous.function == request.function else { return "another table" }
        let end = previous.address + previous.count
        let gap = request.address - end
        let refused = carefulPlanner.forbidden.first {
            $0.function == request.function
                && ($0.seam.map { $0 == request.address } ?? $0.cells.overlaps(end..<max(end, request.address)))
        }
        if let refused {
            if refused.seam != nil { return "the device gives no request that spans address \(request.address)" }
            let last = refused.cells.upperBound - 1
            let cells = refused.cells.count == 1 ? "\(last)" : "\(refused.cells.lowerBound) to \(last)"
            return "the device refuses what lies between: \(cells)"
        }
        if gap > planner.largestGap {
            if !definition.bridgeHoles { return "bridge_holes is false, and \(gap) unwanted cells lie between" }
            return "\(gap) unwanted cells lie between, which take longer than another request"
        }
        let limit = request.function.isBits ? planner.maxRegisters * 16 : planner.maxRegisters
        let whose =
            planner.maxRegisters < freshPlanner.maxRegisters
            ? "that the device gives"
            : definition.maxRegisters < 125
                ? "of max_registers" : planner.maxRegisters < 125 ? "that fit into the timeout" : "that Modbus allows"
        let most = min(limit, request.function.limit)
        return
            "together with the one before it would pass the \(most) \(request.function.isBits ? "bits" : "registers") "
            + whose
    }
}

extension LinkDefinition {
    /// Milliseconds of a request on a serial line: both frames, two silences and the device's turnaround; nil elsewhere.
    func wireTime(of request: PlannedRequest, turnaround: Int64) -> Double? {
        guard case .rtu(let line) = transport, line.baud > 0 else { return nil }
        let timing = LineTiming(baud: line.baud)
        let bytes = 8 + 5 + request.request(unit: 1).byteCount
        let nanoseconds =
            timing.duration(bytes: bytes) + 2 * timing.silence + turnaround + self.timing.pause
        return Double(nanoseconds / 1000) / 1000
    }
}

import ConfigurationSource
import Foundation
import Indicators
import Metering
import PlantAPI
import PlantConfiguration
import RecordKeeping
import Recording
import Storage

extension LivePlant {
    /// Declares the exchange of a meter, or withdraws one; returns a sentence about what it changed.
    ///
    /// Throws a ``CommandError`` (65) where there is no such counter or nothing to withdraw, or the body is wrong.
    func exchange(_ name: String, body: Data, by user: String) throws -> String {
        guard let request = try? JSONDecoder().decode(ExchangeRequest.self, from: body) else {
            throw CommandError(.badInput, "an exchange is a JSON object with \"time\", \"closing\" and \"opening\"")
        }
        let plan = plant.plan
        let point = try counter(name, plan)
        let (sentence, before) = try recording.perform { recorder in
            let now = self.now
            let time = try TimeBound.instant(request.time, option: "--time", now: now, calendar: plan.calendar)
            let definition = plan.points[point]
            if definition.exchanges.contains(where: { $0.time == time }) {
                throw CommandError(
                    .badInput, "the configuration has an exchange of \(definition.name) at that time: change it there",
                    matter: .conflict)
            }
            let withdraws = request.closing == nil && request.opening == nil
            if withdraws {
                let known: [DeclaredExchange]
                do { known = try self.store.read { try DeclaredExchange.all(in: $0) } } catch let fault
                    as DeclaredExchange.Unreadable
                { throw CommandError(.inputOutput, fault.description) }
                guard known.contains(where: { $0.point == definition.name && $0.time == time.milliseconds }) else {
                    throw CommandError(
                        .badInput, "no exchange of \(definition.name) was declared for \(time.text)", matter: .absent)
                }
            }
            guard let closing = request.closing ?? (withdraws ? 0 : nil),
                let opening = request.opening ?? (withdraws ? 0 : nil)
            else { throw CommandError(.badInput, "an exchange needs the closing index and the opening index") }
            let exchange = DeclaredExchange(
                point: definition.name, time: time, closing: closing, opening: opening, by: user, at: now,
                reason: request.reason)
            if !withdraws {
                let place = ExchangePlausibility(exchange, of: PointIndex(point), plan: recorder.plan)
                if let fault = try self.store.read({ try place.fault(in: $0) }) { throw CommandError(.badInput, fault) }
            }
            let before = recorder.summary.revisions
            try recorder.declare(exchange, withdraws: withdraws, now: now)
            let what = withdraws ? "withdrawn" : "declared"
            return ("\(definition.name): exchange at \(plan.calendar.text(time)) \(what)", before)
        }
        return "\(sentence), \(try revisions(since: before, of: sentence)) values revised\n"
    }

    /// Waits until all that is to be computed again has been, beside polling; how many values it revised.
    private func revisions(since before: Int, of sentence: String) throws -> Int {
        while true {
            let count = try recording.perform(settling: false) { recorder in
                recorder.isOpen && !recorder.isWorkLeft ? recorder.summary.revisions : nil
            }
            if let count { return count - before }
            guard !isStopping else {
                throw CommandError(
                    .unreachable, "\(sentence); the daemon is stopping, and computes on after its next start")
            }
            _ = reloadWake.wait(milliseconds: 100)
        }
    }

    /// The counter of that name, or the only counter of the meter of that name.
    private func counter(_ name: String, _ plan: IndicatorPlan) throws -> Int {
        let counters = plan.points.indices.filter { plan.points[$0].hasIndex }
        if let point = plan.points.firstIndex(where: { $0.name == name }) {
            if counters.contains(point) { return point }
            throw CommandError(.badInput, "'\(name)' is no counter: only counters have an index to close and to open")
        }
        let own = counters.filter { plan.points[$0].name.hasPrefix("\(name).") }
        if own.count == 1 { return own[0] }
        let names = own.map { plan.points[$0].name }
        if own.count > 1 {
            throw CommandError(
                .badInput, "the meter '\(name)' has several counters: name one of \(names.joined(separator: ", "))")
        }
        throw CommandError(
            .badInput,
            "there is no counter '\(name)'"
                + NearestName.hint(for: name, among: counters.map { plan.points[$0].name }), matter: .absent)
    }
}

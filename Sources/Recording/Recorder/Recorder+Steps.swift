import Conformity
import Foundation
import Indicators
import Metering
import PlantAPI
import RecordKeeping
import Storage

extension Recorder {
    /// Takes a person's step with a nonconformity: its life, its journal line and its alert in one transaction.
    ///
    /// Throws a ``CommandError`` (65) where there is no such nonconformity or its life refuses the step.
    /// `hasSingleOperator`: who did an action may close it.
    package func take(_ step: LifecycleStep, of id: String, hasSingleOperator: Bool, now: Instant) throws {
        // What is held may change it.
        try commit(now: now)
        // Refused before the transaction: one that fails costs the recorder its state.
        var (found, life, effects) = try store.read { reader in
            guard let found = try reader.nonconformity(id) else {
                throw CommandError(
                    .badInput, "there is no nonconformity '\(id)': emsctl nc list shows them", matter: .absent)
            }
            let life = try reader.life(of: id, hasSingleOperator: hasSingleOperator)
            if step.kind == .verify { attention.operation = OperationMemory() }
            return (found, life, try self.effects(watchedBy: life, of: found, reader))
        }
        var taken: LifecycleStep
        do throws(LifecycleRefusal) {
            if step.kind == .clear, found.kind != .finding { throw LifecycleRefusal.notByHand(id: id) }
            try checkCode(of: step, for: found)
            taken = try life.take(step, effect: effects, isOngoing: found.condition == .ongoing)
        } catch {
            throw CommandError(
                error.isAboutPerson ? .notPermitted : .badInput, error.description, matter: error.matter)
        }
        try transact(now: now) { session in
            var data: Nonconformity?
            if taken.kind == .reject, taken.isDataFault == true, found.kind == .breach {
                data = try dataNonconformity(of: found, session)
                taken.other = data?.id
            }
            if taken.kind == .clear { (found.condition, found.clearedAt) = (.cleared, taken.time) }
            try put(taken, life, &found, session)
            if taken.kind == .clear { try keepFlight(of: found, session) }
            if taken.kind == .clear { session.journal(.cleared(found, at: session.time)) }
            if var data { try open(&data, insteadOf: found, taken, session) }
            if taken.kind == .cause { try markIfCauseRepeated(found, taken, session) }
            // What is verified from now on may have failed in windows that closed already.
            try reopenFailed(in: Set(plan.indicators.indices), session)
        }
    }

    /// A cause of the other kind would stand in the wrong table of an authority's form.
    private func checkCode(of step: LifecycleStep, for found: Nonconformity) throws(LifecycleRefusal) {
        guard let code = step.code, found.kind != .finding else { return }
        let demand = plant.objectives.first { $0.name == found.objectiveName }?.requirement.demand
        let isLost = found.kind == .data || demand?.isDutyToMeasure == true
        if isLost ? code.isOfLostMeasurement : code.isOfExcess { return }
        throw .wrongCode(id: found.id, code: code, isLostMeasurement: isLost)
    }

    /// The data nonconformity that is to be opened instead of a breach, with its number.
    private func dataNonconformity(of found: Nonconformity, _ session: RecordingSession) throws -> Nonconformity {
        let year = NonconformityNumber.year(of: session.time, in: plan.calendar)
        let number = NonconformityNumber(year: year, number: try session.writer.nextNumber(year: year))
        var data = found.dataNonconformity(id: number.text, at: session.time, configurationDigest: plant.digest)
        data.version = session.writer.version
        return data
    }

    private func open(
        _ data: inout Nonconformity, insteadOf found: Nonconformity, _ rejection: LifecycleStep,
        _ session: RecordingSession
    ) throws {
        session.summary.nonconformities += 1
        try session.writer.put(data)
        session.journal(.raised(data, at: session.time))
        var step = LifecycleStep(
            .raise, by: rejection.by, at: rejection.time,
            text: "the data behind \(found.id) were at fault: \(rejection.text)", other: found.id)
        step.account = rejection.account
        try put(step, NonconformityLifecycle(id: data.id, steps: [step]), &data, session)
    }

    /// Reopens nonconformities whose action turns out not to have worked: a watched criterion failed in what closed.
    func reopenFailed(in closed: Set<Int>, _ session: RecordingSession) throws {
        for (id, life) in verifying.sorted(by: { $0.key < $1.key }) {
            let watched = life.watchedCriteria.compactMap(index(ofIndicatorIn:))
            guard watched.contains(where: closed.contains), let found = try session.writer.nonconformity(id),
                let step = life.reopening(
                    after: try effects(watchedBy: life, of: found, session.writer), at: session.time)
            else { continue }
            try reopen(found, life, step, session)
        }
    }

    /// Whether a window of an indicator may show that an action has not worked.
    func isWatched(_ indicator: Int) -> Bool {
        verifying.values.contains { $0.watchedCriteria.contains { self.index(ofIndicatorIn: $0) == indicator } }
    }

    /// Reopens nonconformities of an objective that broke again while their effect is verified.
    func reopenVerifying(brokenBy other: Nonconformity, _ session: RecordingSession) throws {
        for (id, life) in verifying.sorted(by: { $0.key < $1.key }) where id != other.id {
            guard let found = try session.writer.nonconformity(id), found.objective == other.objective,
                let step = life.reopening(brokenBy: other.id, at: session.time)
            else { continue }
            try reopen(found, life, step, session)
        }
    }

    private func reopen(
        _ found: Nonconformity, _ life: NonconformityLifecycle, _ step: LifecycleStep, _ session: RecordingSession
    ) throws {
        var (found, life) = (found, life)
        let taken = try life.take(step)
        try put(taken, life, &found, session)
    }

    func put(
        _ step: LifecycleStep, _ life: NonconformityLifecycle, _ found: inout Nonconformity, _ session: RecordingSession
    ) throws {
        found.state = life.state.rawValue
        try session.writer.put(found)
        let details = String(decoding: try JSONEncoder.sorted.encode(step), as: UTF8.self)
        _ = try session.writer.append(
            LifecycleRecord(
                nonconformity: found.id, time: step.time, who: step.by, step: step.kind.rawValue, details: details))
        session.journal(.step(step, of: found.id, state: life.state))
        try session.alert(.step(step, of: found, life.severity(of: found), in: store.names))
        verifying[found.id] = life.state == .verifying ? life : nil
        lookAtSoon(found.id)
    }
}

extension JSONEncoder {
    /// Writes the same object in the same bytes every time.
    fileprivate static var sorted: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}

extension LifecycleRefusal {
    /// Whether the same step could be taken in another state of the nonconformity.
    fileprivate var matter: CommandError.Matter {
        switch self {
        case .wrongState, .alreadyDone, .notEffective, .notVerified, .stillOngoing, .notOnHold, .notByHand,
            .endedAlready, .noChangedControl:
            .conflict
        case .unknownAction, .unknownCase: .absent
        case .missing, .malformed, .wrongCode, .samePerson, .nobodyInParticular: .asSaid
        }
    }
}

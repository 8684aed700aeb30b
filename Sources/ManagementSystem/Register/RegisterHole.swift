import Metering

/// Something that the register lacks.
package struct RegisterHole: Sendable, Hashable {
    /// The section that it is found in.
    package enum Section: String, Sendable, Hashable {
        case policy, aspects, obligations, objectives, meters
    }

    package var section: Section
    /// The name there; of the policy, `policy`.
    package var name: String
    /// What is missing, and what to do.
    package var message: String
}

extension EnvironmentalRegister {
    /// What it lacks on a day, in the order of its sections; nothing where no register is kept.
    package func holes(on today: CivilDate) -> [RegisterHole] {
        guard isKept else { return [] }
        return policyHoles(today) + aspectHoles + obligationHoles(today) + duties.flatMap(holes)
    }

    private func policyHoles(_ today: CivilDate) -> [RegisterHole] {
        guard let policy else {
            return [
                RegisterHole(section: .policy, name: "policy", message: "there is no policy: write 'policy: {text: …}'")
            ]
        }
        guard let review = policy.review, review.dayNumber < today.dayNumber else { return [] }
        return [
            RegisterHole(section: .policy, name: "policy", message: "the policy was to be reviewed by \(review.text)")
        ]
    }

    private var aspectHoles: [RegisterHole] {
        aspects.filter(\.isSignificant).flatMap { aspect -> [RegisterHole] in
            var holes: [RegisterHole] = []
            let own = duties.filter { $0.aspects.contains(aspect.name) }
            if aspect.indicators.isEmpty, own.isEmpty {
                holes.append(
                    RegisterHole(
                        section: .aspects, name: aspect.name,
                        message:
                            "the significant aspect '\(aspect.name)' has no indicator: name one under 'indicators', "
                            + "or let an objective say 'aspect: \(aspect.name)'"))
            }
            return holes
        }
    }

    private func obligationHoles(_ today: CivilDate) -> [RegisterHole] {
        obligations.flatMap { obligation -> [RegisterHole] in
            var holes: [RegisterHole] = []
            func add(_ message: String) {
                holes.append(RegisterHole(section: .obligations, name: obligation.name, message: message))
            }
            if !duties.contains(where: { $0.obligations.contains(obligation.name) }) {
                add(
                    "the obligation '\(obligation.name)' has no objective: let one say 'obligation: \(obligation.name)'"
                )
            }
            if let review = obligation.review, review.dayNumber < today.dayNumber {
                add("the obligation '\(obligation.name)' was to be reviewed by \(review.text)")
            }
            return holes
        }
    }

    private func holes(_ duty: Duty) -> [RegisterHole] {
        var holes: [RegisterHole] = []
        func add(_ message: String) {
            holes.append(
                RegisterHole(
                    section: .objectives, name: duty.objective, message: "objective '\(duty.objective)' \(message)"))
        }
        if duty.responsible == nil { add("has no owner: say who is 'responsible'") }
        if duty.plan?.what == nil {
            add("has no plan: say 'plan: {what: …, resources: …, who: …, when: …, evaluated: …}'")
        }
        let uncalibrated = instruments.filter { duty.meters.contains($0.name) && $0.calibrated == nil }.map(\.name)
        if !uncalibrated.isEmpty {
            let names = uncalibrated.joined(separator: ", ")
            add("rests on meters of which nobody says how often they are calibrated (\(names)): say 'calibrated: 1y'")
        }
        return holes
    }
}

extension EnvironmentalRegister {
    /// What the checks on record lack at an instant: meters that are to be calibrated and never were, or are overdue.
    package func holes(of checks: [CalibrationRecord], at now: Instant, in calendar: SiteCalendar) -> [RegisterHole] {
        let due = Dictionary(dueChecks(checks, at: now).map { ($0.meter, $0) }) { first, _ in first }
        return instruments.compactMap { meter in
            let message: String
            switch due[meter.name]?.standing {
            case .never:
                message = "no calibration of '\(meter.name)' is on record: emsctl calibration add \(meter.name)"
            case .overdue(let day):
                message = "the calibration of '\(meter.name)' was due on \(calendar.date(day).text)"
            case .soon, nil: return nil
            }
            return RegisterHole(section: .meters, name: meter.name, message: message)
        }
    }
}

import Conformity
import Indicators
import Metering
import PlantConfiguration
import Storage

/// What else is like a nonconformity and was not met within the year before: the same indicator on other meters, meters of the
/// same profile, meters of the same supplier (Rules 10).
package struct SimilarCases {
    private let plant: Plant
    private let year: Window
    private let meters: [String: MeterTraits]

    /// What is looked for in a plant within the year before an instant.
    package init(_ plant: Plant, at now: Instant) {
        self.plant = plant
        year = Window(start: plant.plan.calendar.instant(CalendarLength(1, .years), before: now), end: now + 1)
        meters = Dictionary(plant.meters.map { ($0.name, MeterTraits($0)) }) { first, _ in first }
    }

    /// The cases for a nonconformity, in the order of the configuration; none where its objective is gone.
    package func found(for id: String, _ reader: StoreReader) throws -> [SimilarCase] {
        guard let found = try reader.nonconformity(id),
            let own = plant.objectives.first(where: { $0.name == found.objectiveName })
        else { return [] }
        let ownMeters = meters(of: own)
        let shape = shape(of: own)
        var cases: [SimilarCase] = []
        for (index, other) in plant.objectives.enumerated() where other.name != own.name {
            let elsewhere = meters(of: other).subtracting(ownMeters)
            let likeness = likeness(of: elsewhere, to: ownMeters, isSameShape: self.shape(of: other) == shape)
            guard !elsewhere.isEmpty, !likeness.isEmpty else { continue }
            let windows = try reader.countNotMet(index, in: year)
            let raised = try reader.raised(objective: other.name, in: year)
            guard windows > 0 || !raised.isEmpty else { continue }
            cases.append(
                SimilarCase(
                    objective: other.name, meters: elsewhere.sorted(), likeness: likeness, nonconformities: raised,
                    windowsNotMet: windows))
        }
        return cases
    }

    private func likeness(
        of others: Set<String>, to own: Set<String>, isSameShape: Bool
    ) -> [SimilarCase.Likeness] {
        func shares(_ trait: (MeterTraits) -> String?) -> Bool {
            let known = Set(own.compactMap { meters[$0].flatMap(trait) })
            return others.contains { meters[$0].flatMap(trait).map(known.contains) ?? false }
        }
        var likeness: [SimilarCase.Likeness] = []
        if isSameShape { likeness.append(.indicator) }
        if shares({ $0.profile }) { likeness.append(.profile) }
        if shares({ $0.supplier }) { likeness.append(.supplier) }
        return likeness
    }

    private func meters(of objective: ObjectiveDefinition) -> Set<String> {
        plant.plan.meters(behind: objective.indicator)
    }

    /// The formula with the meters left out, and its windows.
    private func shape(of objective: ObjectiveDefinition) -> String {
        let indicator = plant.plan.indicators[objective.indicator]
        // A model has no formula of its own: it is like no other.
        if indicator.model != nil { return indicator.name }
        return indicator.formulaText.withoutMeters + " " + indicator.rule.written
    }
}

/// What meters may have in common.
private struct MeterTraits {
    var profile: String?
    var supplier: String?

    init(_ meter: MeterDefinition) {
        profile = meter.profile
        supplier = meter.supplier
    }
}

extension IndicatorPlan {
    /// The names of the meters whose points an indicator is computed from.
    package func meters(behind indicator: Int) -> Set<String> {
        let measured = measuredPoints(behind: pointsUsed(by: indicator))
        return Set(measured.map { String(points[Int($0)].name.prefix { $0 != "." }) })
    }
}

extension String {
    /// The text of a formula with `*` in place of each word before a point: `mean(a.nox)` is `mean(*.nox)`.
    fileprivate var withoutMeters: String {
        var text = ""
        var word = ""
        for character in self {
            if character.isASCII, character.isLetter || character.isNumber || character == "_" {
                word.append(character)
                continue
            }
            text += character == "." && word.first?.isLetter == true ? "*" : word
            word = ""
            if !character.isWhitespace { text.append(character) }
        }
        return text + word
    }
}

import Conformity
import Indicators
import Metering
import PlantConfiguration
import Storage

extension StoreNames {
    /// The names of a plant's points, indicators and objectives.
    package init(_ plant: Plant) {
        let derived = Set(plant.plan.derived.map(\.point))
        self.init(
            points: plant.plan.points.enumerated().map { index, point in
                Point(
                    name: point.name, kind: point.kind, unit: point.unit, isDerived: derived.contains(PointIndex(index))
                )
            },
            indicators: plant.plan.indicators.map {
                Indicator(name: $0.name, title: $0.title, unit: $0.unit(at: .distantFuture), isHidden: $0.isHidden)
            },
            objectives: plant.objectives.map {
                let indicator = plant.plan.indicators[$0.indicator]
                return Objective(
                    name: $0.name, title: $0.title, unit: $0.shownUnit(indicator, at: .distantFuture),
                    indicator: indicator.name)
            })
    }
}

import Metering

/// The names behind the indices of a plan: what the database needs to keep one meaning over changed configurations.
package struct StoreNames: Sendable, Hashable {
    /// A point by its full name.
    package struct Point: Sendable, Hashable {
        /// `meter.point`.
        package var name: String
        package var kind: PointKind
        package var unit: String?
        /// Derived points have no stored readings.
        package var isDerived: Bool

        /// A point of that name.
        package init(name: String, kind: PointKind, unit: String? = nil, isDerived: Bool = false) {
            self.name = name
            self.kind = kind
            self.unit = unit
            self.isDerived = isDerived
        }
    }

    /// An indicator by its name.
    package struct Indicator: Sendable, Hashable {
        package var name: String
        package var title: String?
        package var unit: String?
        /// Computed for an objective's own `while` and never listed.
        package var isHidden: Bool

        /// An indicator of that name.
        package init(name: String, title: String? = nil, unit: String? = nil, isHidden: Bool = false) {
            self.name = name
            self.title = title
            self.unit = unit
            self.isHidden = isHidden
        }
    }

    /// An objective by its name.
    package struct Objective: Sendable, Hashable {
        package var name: String
        package var title: String?
        /// The unit of its value and limit.
        package var unit: String?
        /// The name of its indicator.
        package var indicator: String

        /// An objective of that name.
        package init(name: String, title: String? = nil, unit: String? = nil, indicator: String) {
            self.name = name
            self.title = title
            self.unit = unit
            self.indicator = indicator
        }
    }

    /// In plan order: a `PointIndex` is an index into this.
    package var points: [Point]
    /// In plan order.
    package var indicators: [Indicator]
    /// In the order of the configuration.
    package var objectives: [Objective]

    /// Names in plan order.
    package init(points: [Point] = [], indicators: [Indicator] = [], objectives: [Objective] = []) {
        self.points = points
        self.indicators = indicators
        self.objectives = objectives
    }
}

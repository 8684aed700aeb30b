import Metering

/// What a management system after ISO 14001 or ISO 50001 keeps beside numbers: from its policy down to who does what.
///
/// It stands in the configuration; objectives refer to it. Nothing of it changes a number.
package struct EnvironmentalRegister: Sendable, Hashable {
    /// A statement with when it is to be looked at again.
    package struct Policy: Sendable, Hashable {
        package var text: String
        package var approvedBy: String?
        package var review: CivilDate?

        /// All of it.
        package init(text: String, approvedBy: String?, review: CivilDate?) {
            (self.text, self.approvedBy, self.review) = (text, approvedBy, review)
        }
    }

    /// A condition of the site's surroundings, relevant or not, and why.
    package struct ContextCondition: Sendable, Hashable {
        package var name: String
        package var title: String?
        package var isRelevant: Bool
        package var reason: String?

        /// All of it.
        package init(name: String, title: String?, isRelevant: Bool, reason: String?) {
            (self.name, self.title, self.isRelevant, self.reason) = (name, title, isRelevant, reason)
        }
    }

    /// When an aspect has its effect.
    package enum Situation: String, Sendable, Hashable, CaseIterable {
        case normal, abnormal, emergency
    }

    /// What of the site acts on the environment, or uses energy.
    package struct Aspect: Sendable, Hashable {
        package var name: String
        package var title: String?
        package var isSignificant: Bool
        package var situation: Situation
        /// Indicators that show it.
        package var indicators: [String]

        /// All of it.
        package init(name: String, title: String?, isSignificant: Bool, situation: Situation, indicators: [String]) {
            self.name = name
            self.title = title
            self.isSignificant = isSignificant
            self.situation = situation
            self.indicators = indicators
        }
    }

    /// A law, permit or agreement that binds the site.
    package struct Obligation: Sendable, Hashable {
        package var name: String
        package var title: String?
        package var reference: String?
        package var review: CivilDate?

        /// All of it.
        package init(name: String, title: String?, reference: String?, review: CivilDate?) {
            (self.name, self.title, self.reference, self.review) = (name, title, reference, review)
        }
    }

    /// Somebody with a part in it.
    package struct Person: Sendable, Hashable {
        package var name: String
        package var title: String?
        package var role: String?

        /// All of it.
        package init(name: String, title: String?, role: String?) {
            (self.name, self.title, self.role) = (name, title, role)
        }
    }

    /// How an objective is to be reached.
    package struct Plan: Sendable, Hashable {
        package var what: String?
        package var resources: String?
        package var who: String?
        package var when: String?
        /// How it is evaluated.
        package var evaluated: String?

        /// All of it.
        package init(what: String?, resources: String?, who: String?, when: String?, evaluated: String?) {
            self.what = what
            self.resources = resources
            self.who = who
            self.when = when
            self.evaluated = evaluated
        }
    }

    /// What an objective has to do with the register.
    package struct Duty: Sendable, Hashable {
        package var objective: String
        package var title: String?
        package var indicator: String
        package var responsible: String?
        package var aspects: [String]
        package var obligations: [String]
        package var plan: Plan?
        /// The meters behind its indicator.
        package var meters: [String]

        /// All of it.
        package init(
            objective: String, title: String?, indicator: String, responsible: String?, aspects: [String],
            obligations: [String], plan: Plan?, meters: [String]
        ) {
            self.objective = objective
            self.title = title
            self.indicator = indicator
            self.responsible = responsible
            self.aspects = aspects
            self.obligations = obligations
            self.plan = plan
            self.meters = meters
        }
    }

    /// A meter with how often it is calibrated.
    package struct Instrument: Sendable, Hashable {
        package var name: String
        package var title: String?
        /// How long a calibration holds; nil: nobody said.
        package var calibrated: CalendarLength?

        /// All of it.
        package init(name: String, title: String?, calibrated: CalendarLength?) {
            (self.name, self.title, self.calibrated) = (name, title, calibrated)
        }
    }

    package var policy: Policy?
    package var context: [ContextCondition] = []
    package var aspects: [Aspect] = []
    package var obligations: [Obligation] = []
    package var people: [Person] = []
    package var duties: [Duty] = []
    package var instruments: [Instrument] = []
    /// Calibration functions in force, by indicator ascending in time.
    package var functions: [CalibrationInForce] = []

    /// An empty register.
    package init() {}

    /// Whether the site keeps one: without any of these sections nothing is missed.
    package var isKept: Bool {
        policy != nil || !context.isEmpty || !aspects.isEmpty || !obligations.isEmpty || !people.isEmpty
    }
}

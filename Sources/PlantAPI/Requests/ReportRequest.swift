/// A report of a period, or one of the authorities' forms: the body of `POST /v1/report`.
package struct ReportRequest: Sendable, Hashable, Codable {
    /// A form that an authority knows.
    package enum Form: String, Sendable, Hashable, Codable, CaseIterable {
        /// 40 CFR 60.7(d): the summary of excess emissions and of the monitor's performance.
        case us = "us-60.7d"
        /// The yearly class table of the Bundeseinheitliche Praxis.
        case germany = "de-classes"
        /// The yearly figures of Annex VI of the Industrial Emissions Directive.
        case waste = "ied-waste"
    }

    /// As written; see ``TimeBound``.
    package var from: String
    /// As written; a date is included.
    package var to: String
    /// Nil: the report of the management review.
    package var form: Form?

    /// A report of a period.
    package init(from: String, to: String, form: Form? = nil) {
        self.from = from
        self.to = to
        self.form = form
    }
}

import Conformity
import Indicators
import Metering

extension JournalEntry {
    /// An operator declared the exchange of a meter, declared it otherwise, or withdrew it.
    package static func exchange(
        _ exchange: DeclaredExchange, insteadOf old: DeclaredExchange?, withdraws: Bool
    ) -> JournalEntry {
        func indexes(_ exchange: DeclaredExchange) -> CanonicalJSON {
            .object([.init("closing", .number(exchange.closing)), .init("opening", .number(exchange.opening))])
        }
        return JournalEntry(
            withdraws ? "exchange.withdrawn" : "exchange.declared", at: Instant(milliseconds: exchange.at),
            [
                .init("point", .text(exchange.point)),
                .init("at", .text(Instant(milliseconds: exchange.time).text)),
                .init("before", old.map(indexes) ?? .null), .init("after", withdraws ? .null : indexes(exchange)),
                .init("by", .text(exchange.by)), .init("reason", .text(exchange.reason)),
            ])
    }

    /// A baseline model was made, with everything that tells whether it may be used.
    package static func fitted(
        _ fit: ModelFit, indicator: String, drivers: [String], faults: [String], at time: Instant
    ) -> JournalEntry {
        func term(_ name: String, _ term: LinearRegression.Term) -> CanonicalJSON {
            .object([
                .init("name", .text(name)), .init("coefficient", .number(term.coefficient)),
                .init("standard_error", .number(term.standardError)), .init("t", .number(term.t)),
                .init("p", .number(term.p)),
            ])
        }
        let model = fit.regression
        let terms = model.map { model in
            [term("intercept", model.intercept)] + zip(fit.termNames(drivers), model.drivers).map(term)
        }
        return JournalEntry(
            "model.fitted", at: time,
            [
                .init("indicator", .text(indicator)), .init("windows", .integer(fit.count)),
                .init("r2", .number(model?.rSquared)), .init("adjusted_r2", .number(model?.adjustedRSquared)),
                .init("f", .number(model?.f)), .init("p", .number(model?.fP)),
                .init("standard_error", .number(model?.standardError)), .init("cv_rmse", .number(model?.variation)),
                .init("autocorrelation", .number(model?.autocorrelation)), .init("terms", .list(terms ?? [])),
                .init("faults", .list(faults.map { .text($0) })),
            ])
    }
}

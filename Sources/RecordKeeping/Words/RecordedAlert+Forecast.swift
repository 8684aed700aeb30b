import Conformity
import Indicators
import Metering

extension RecordedAlert {
    /// An open window that will not keep its limit if it goes on so.
    package static func forecast(_ forecast: Forecast, objective: ObjectiveAtWork) -> RecordedAlert {
        RecordedAlert(
            .forecast, .warning,
            subject: AlertLine.ObjectiveFacts(
                id: nil, objective: objective.name, title: objective.definition.title,
                indicator: objective.indicator.name,
                window: forecast.span, value: forecast.value, limit: forecast.limit,
                unit: objective.definition.shownUnit(objective.indicator, at: forecast.window.start)),
            details: [
                .init("projection", .number(forecast.projection)), .init("remaining", .number(forecast.remaining)),
            ],
            message: PlainWords(objective.definition, indicator: objective.indicator, calendar: objective.calendar)
                .forecast(forecast))
    }
}

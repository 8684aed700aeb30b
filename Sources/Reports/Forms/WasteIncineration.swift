import Metering

/// Annex VI of Directive 2010/75/EU: half-hours against A and B, days against their limit, days discarded.
enum WasteIncineration {
    static func form(_ limits: [FormFigures], _ figures: ReportFigures) -> AuthorityForm {
        // Of several limits on one indicator the highest is A and the lowest B.
        let groups = Dictionary(grouping: limits, by: \.indicator.name).sorted { $0.key < $1.key }
        let rows = groups.map { _, own -> [String] in
            let sorted = own.sorted { $0.limit < $1.limit }
            let (low, high) = (sorted[0], sorted[sorted.count - 1])
            let count = low.values.count
            let share = count > 0 ? 1 - Double(low.exceedances.count) / Double(count) : nil
            let isDaily = low.indicator.definition?.rule.grid == .day
            let isMet = high.exceedances.isEmpty || (!isDaily && (share ?? 0) >= 0.97)
            return [
                low.indicator.title, ReportText.amount(high.limit, high.objective.unit),
                sorted.count > 1 ? ReportText.amount(low.limit, low.objective.unit) : "–", "\(count)",
                "\(high.exceedances.count)", sorted.count > 1 ? "\(low.exceedances.count)" : "–",
                ReportText.share(share),
                isDaily ? "\(low.lost.count)" : "\(ClassTable.daysLost(low, figures, above: 5))",
                count == 0 ? "not evaluable" : isMet ? "met" : "not met",
            ]
        }
        return AuthorityForm(
            title: "Waste incineration: yearly figures (Directive 2010/75/EU, Annex VI)",
            tables: [
                AuthorityForm.Table(
                    caption:
                        "Averages against their limits; 97 % of the half-hours up to B, or all up to A; at most 10 days discarded",
                    head: [
                        "Component", "A", "B", "Valid", "Above A", "Above B", "Share up to B", "Days discarded",
                        "Verdict",
                    ],
                    rows: rows)
            ],
            notes: [
                "hours with a failure of the abatement: none longer than 4 h on end, 60 h a year",
                "CO: 97 % of the days and 95 % of the 10-minute averages of any 24 h, where these are chosen",
            ])
    }
}

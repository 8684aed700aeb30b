import ConfigurationSource
import Conformity
import Metering

extension PlantReader {
    /// By when people have to answer nonconformities, by their severity.
    func readDeadlines(_ top: Section) -> Deadlines {
        var deadlines = Deadlines()
        guard let section = top.field("deadlines")?.section("'deadlines'") else { return deadlines }
        let everybody = section.field("escalate_to").map(readNames) ?? []
        for severity in Severity.allCases {
            deadlines[severity].escalateTo = everybody
            guard let times = section.field(severity.rawValue)?.section("the deadlines of '\(severity.rawValue)'")
            else {
                continue
            }
            if let length = times.field("acknowledge")?.length() { deadlines[severity].acknowledge = length }
            if let length = times.field("cause")?.length() { deadlines[severity].cause = length }
            if let length = times.field("plan")?.length() { deadlines[severity].plan = length }
            if let length = times.field("close")?.length() { deadlines[severity].close = length }
            if let field = times.field("escalate_to") { deadlines[severity].escalateTo = readNames(field) }
            times.close()
        }
        section.close()
        return deadlines
    }

    private func readNames(_ field: Field) -> [String] {
        field.oneOrMore().compactMap { $0.name("who is told") }
    }
}

import Acquisition
import Listings
import Metering
import PlantAPI
import PlantConfiguration

/// Reads configurations for people: every finding is said.
package enum ConfigurationCheck {
    /// The plant of a configuration; `warn` is told each warning, a line.
    ///
    /// Throws a ``ConfigurationRefusal`` with all findings where there is an error.
    package static func load(_ path: String, warn: (String) -> Void) throws -> Plant {
        let report = report(path)
        guard let plant = report.plant, report.errors.isEmpty else {
            throw ConfigurationRefusal(findings: report.faults.map(\.description))
        }
        for warning in report.warnings { warn(warning.description) }
        return plant
    }

    /// What is to be said of a configuration, also what only its plan of requests shows.
    package static func report(_ path: String) -> PlantReport {
        var report = PlantLoader.load(path: path)
        guard let plant = report.plant else { return report }
        for link in plant.links {
            let meters = plant.meters.filter { $0.link == link.name }
            if let load = LineLoad(of: meters, on: link), let message = load.warning(link) {
                report.warn(ofLink: link.name, message)
            }
        }
        return report
    }
}

extension LineLoad {
    /// What is wrong with the load, and what the line can carry; nil where it carries it.
    fileprivate func warning(_ link: LinkDefinition) -> String? {
        guard share > LineLoad.carried, case .rtu(let line) = link.transport else { return nil }
        var ways: [String] = []
        if let sufficientInterval { ways.append("an interval of \(LineLoad.text(sufficientInterval))") }
        if interval == nil {
            ways.append(
                "intervals \(ListingText.rounded((share / LineLoad.carried * 10).rounded(.up) / 10)) times as long")
        }
        if let sufficientBaud { ways.append("these intervals at \(sufficientBaud) baud") }
        let what = requests == 1 ? "the request of its meters takes" : "the \(requests) requests of its meters take"
        return "link '\(link.name)' cannot carry the intervals of its meters at \(line.baud) baud: \(what) "
            + "\(LineLoad.text(Int64(round.rounded(.up)))) with silences and answers, "
            + "\(Int((share * 100).rounded())) % of the line's time, and polls would be left out; it can carry "
            + ways.joined(separator: ", or ")
    }

    private static func text(_ milliseconds: Int64) -> String {
        milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
    }
}

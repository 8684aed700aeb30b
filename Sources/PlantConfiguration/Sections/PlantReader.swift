import ConfigurationSource
import Conformity
import Indicators
import ManagementSystem
import Metering

/// Reads the sections of a configuration, in the order in which each needs the ones before it.
///
/// What is faulty is said and then stands in with something harmless, so that what uses it can be checked as well.
final class PlantReader {
    let log: FaultLog
    let profiles: ProfileDirectory
    /// The zone as it is written down beside a kept configuration; nil: this machine's.
    let keptZone: (name: String, rules: String)?
    /// The site's calendar; UTC where the site's zone is faulty.
    var calendar: SiteCalendar
    var links: [LinkDefinition] = []
    /// Sections that are none at all: what is named in others may stand there.
    var unreadable: Set<String> = []
    /// The links' names, faulty links included.
    var linkNames: [String] = []
    /// Where each link's name stands.
    var linkMarks: [String: SourceMark] = [:]
    var meters: [MeterDefinition] = []
    /// Where each meter's `unit` stands.
    var unitMarks: [String: SourceMark] = [:]
    /// Measured points first, derived ones after them.
    var points: [PointDefinition] = []
    var pointIndex: [String: PointIndex] = [:]
    /// Points of which something is faulty: what a formula makes of them is not worth a second message.
    var faultyPoints: Set<String> = []
    /// Meters whose points are not known, because their profile or list of points is faulty.
    var opaqueMeters: Set<String> = []
    var derived: [DerivedPoint] = []
    var indicators: [IndicatorDefinition] = []
    /// The indicators' names in the order of the configuration, faulty indicators included.
    var indicatorNames: [String] = []
    var indicatorIndex: [String: Int] = [:]
    /// By indicator of counted days, what names the indicator that counts them; and that indicator.
    var countedBy: [Int: Field] = [:]
    var counting: [Int: Int] = [:]
    /// The windows of each indicator; nil where they are faulty.
    var rules: [WindowRule?] = []
    var objectives: [ObjectiveDefinition] = []
    /// The site's holidays, as days since 1970.
    var holidays: [Int] = []
    /// The times of the calendar by their names; nil where they are faulty.
    var calendars: [String: RecurringTime?] = [:]
    /// What the management system keeps beside numbers.
    var register = EnvironmentalRegister()
    /// Where its parts stand, by section and name.
    var registerMarks: [String: SourceMark] = [:]
    /// What objectives name of it.
    var namedInDuties: [(kind: String, name: String, field: Field)] = []
    /// By duty, the index of the objective's indicator.
    var dutyIndicators: [Int] = []
    /// What `was` says.
    var was = FormerNames()
    /// The measured points with what holds for them.
    var writtenPoints: [WrittenDefinition] = []

    /// A reader that says what it finds to `log`.
    init(
        log: FaultLog, profiles: ProfileDirectory, utc: SiteCalendar, keptZone: (name: String, rules: String)? = nil
    ) {
        self.keptZone = keptZone
        self.log = log
        self.profiles = profiles
        calendar = utc
    }

    /// The sections under a top-level key, by their checked names.
    func names(_ top: Section, _ key: String, _ noun: String) -> [(name: String, field: Field)] {
        guard let field = top.field(key) else { return [] }
        if let named = field.named(noun) { return named }
        unreadable.insert(key)
        return []
    }

    /// Reads everything under the root; nil where something is faulty.
    func plant(_ root: YamlNode, files: (SiteCalendar) -> ConfigurationFiles) -> Plant? {
        guard case .mapping(let entries) = root.content else {
            log.error(
                root.mark, "a configuration is a section of keys such as site, links and meters, not \(root.summary)")
            return nil
        }
        let start = SourceMark(root.mark.source, line: 1, column: 1)
        let top = Section(entries, name: "the configuration", mark: start, log: log)
        let site = readSite(top)
        let storage = readStorage(top)
        let alerts = readAlerts(top)
        let api = readAPI(top)
        let listen = readListener(top, "metrics")
        let webListen = readListener(top, "web")
        let deadlines = readDeadlines(top)
        let forward = readForward(top, site: site?.name ?? "")
        readLinks(top)
        readMeters(top)
        readDerived(top)
        readCalendars(top)
        readIndicators(top)
        readObjectives(top)
        readRegister(top)
        warnOfShortRetention(storage, top)
        top.close()
        guard !log.hasErrors, let site, let storage, let api else { return nil }
        let plan = IndicatorPlan(calendar: calendar, points: points, derived: derived, indicators: indicators)
        let files = files(calendar)
        var plant = Plant(
            site: site, storage: storage, alerts: alerts, api: api, metricsListen: listen, links: links, meters: meters,
            plan: plan, objectives: objectives, digest: files.digest, files: files)
        plant.webListen = webListen
        plant.was = was
        plant.deadlines = deadlines
        plant.forward = forward
        plant.register = register
        plant.written = WrittenDefinition.all(under: root) + writtenPoints
        return plant
    }
}

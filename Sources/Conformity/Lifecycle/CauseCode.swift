/// By what authorities' forms count the causes of excess and of lost measurement (40 CFR 60.7(d) and others), beside the
/// ``LifecycleStep/Category`` that the plant itself counts by.
package enum CauseCode: String, Sendable, Hashable, Codable, CaseIterable {
    case startupShutdown = "startup-shutdown"
    /// The abatement failed.
    case controlEquipment = "control-equipment"
    case process
    /// Other than normal operating conditions, as the permit names them.
    case otnoc
    case monitorEquipment = "monitor-equipment"
    /// Equipment that is no monitor: power, network, sampling line.
    case otherEquipment = "other-equipment"
    /// Zero, span and reference checks of the monitor.
    case qualityAssurance = "quality-assurance"
    /// The monitor was out of service on purpose.
    case maintenance
    case otherKnown = "other-known"
    /// It was looked for and not found.
    case unknown

    /// Whether it can be why a limit was exceeded.
    package var isOfExcess: Bool {
        switch self {
        case .startupShutdown, .controlEquipment, .process, .otnoc, .otherKnown, .unknown: true
        case .monitorEquipment, .otherEquipment, .qualityAssurance, .maintenance: false
        }
    }

    /// Whether it can be why something was not measured.
    package var isOfLostMeasurement: Bool {
        switch self {
        case .monitorEquipment, .otherEquipment, .qualityAssurance, .maintenance, .otherKnown, .unknown: true
        case .startupShutdown, .controlEquipment, .process, .otnoc: false
        }
    }

    /// The codes of one of both, as people write them.
    package static func words(ofLostMeasurement isLost: Bool) -> String {
        allCases.filter { isLost ? $0.isOfLostMeasurement : $0.isOfExcess }.map(\.rawValue).joined(separator: ", ")
    }
}

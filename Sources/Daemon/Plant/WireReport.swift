import Acquisition
import Conformity
import Metering
import Modbus
import RecordKeeping
import Recording

/// What goes into the journal and the alerts for an event on the wire.
struct WireReport: Sendable {
    let event: AcquisitionEvent
    /// Nil for what is only kept.
    let entry: JournalEntry?
    let alert: RecordedAlert?
    /// What is to be kept of a meter.
    let learned: (meter: String, facts: LearnedFacts)?

    /// The report of an event, with the names of points.
    init(_ event: AcquisitionEvent, pointName: (PointIndex) -> String) {
        self.event = event
        learned = if case .learned(let meter, let facts) = event { (meter, facts) } else { nil }
        let told: Told? =
            switch event {
            case .meterLost, .meterBack, .limitLearned: WireReport.ofMeter(event)
            case .linkLost, .linkBack, .answersUnnumbered, .foreignMaster, .linkNotStarted: WireReport.ofLink(event)
            case .registersRefused, .everythingRefused, .registersAccepted: WireReport.ofRegisters(event, pointName)
            case .learned: nil
            }
        (entry, alert) = told ?? (nil, nil)
    }

    private typealias Told = (JournalEntry?, RecordedAlert?)

    /// A journal line and an alert that say the same.
    private static func told(
        _ type: String, _ event: AlertEvent, _ severity: AlertSeverity, _ members: [CanonicalJSON.Member],
        _ message: String
    ) -> Told {
        (
            JournalEntry(type, at: .distantPast, members),
            RecordedAlert(event, severity, details: members, message: message)
        )
    }

    /// A meter that is lost or back.
    private static func ofMeter(_ event: AcquisitionEvent) -> Told? {
        switch event {
        case .meterLost(let meter, let reason):
            told(
                "meter.lost", .meterLost, .warning,
                [.init("meter", .text(meter)), .init("reason", .text(reason.text))],
                "Meter \(meter) does not answer (\(reason.text)): check its power, its address and the line")
        case .meterBack(let meter):
            told("meter.back", .meterBack, .info, [.init("meter", .text(meter))], "Meter \(meter) answers again")
        case .limitLearned(let meter, let registers):
            (
                JournalEntry(
                    "meter.limit", at: .distantPast,
                    [.init("meter", .text(meter)), .init("registers", .integer(registers))]), nil
            )
        default: nil
        }
    }

    /// A link that is lost or back, or whose gateway is not to be believed.
    private static func ofLink(_ event: AcquisitionEvent) -> Told? {
        switch event {
        case .linkLost(let link, let reason, let cause, let meters):
            told(
                "link.lost", .linkLost, .warning,
                [
                    .init("link", .text(link)), .init("reason", .text(reason.text)), .init("cause", .text(cause)),
                    .init("meters", .integer(meters)),
                ],
                "Link \(link) is down (\(reason.text)), \(meters == 1 ? "its meter is" : "its \(meters) meters are") "
                    + "not read: \(cause)")
        case .linkBack(let link):
            told("link.back", .linkBack, .info, [.init("link", .text(link))], "Link \(link) is up again")
        case .answersUnnumbered(let link):
            told(
                "link.unnumbered", .linkUnnumbered, .warning, [.init("link", .text(link))],
                "The gateway of link \(link) answers with transaction 0 instead of the request's number: its "
                    + "answers cannot be told apart and are not taken; let it echo the number, or pass RTU frames on "
                    + "(transport: rtu_over_tcp)")
        case .foreignMaster(let link, let units):
            told(
                "link.foreign_master", .foreignMaster, .warning,
                [.init("link", .text(link)), .init("units", .list(units.map { .integer(Int($0)) }))],
                "Another master asks on the line of link \(link), \(units.count == 1 ? "unit" : "units") "
                    + "\(units.map { "\($0)" }.joined(separator: ", ")): answers that may be its own are not taken, and "
                    + "polls are lost; find it (a display, a controller, a second gateway) and take it off the line")
        case .linkNotStarted(let link, let cause):
            told(
                "link.not_started", .linkLost, .major, [.init("link", .text(link)), .init("cause", .text(cause))],
                "Link \(link) could not be started (\(cause))")
        default: nil
        }
    }

    /// Registers that a device refuses, or gives again.
    private static func ofRegisters(_ event: AcquisitionEvent, _ pointName: (PointIndex) -> String) -> Told? {
        switch event {
        case .registersRefused(let meter, let points, let failure):
            let names = points.map(pointName)
            return told(
                "register.refused", .registerRefused, .warning, members(meter, names, failure),
                words(meter, shown(names), failure)
                    + " check addresses and tables against its manual; the others are read on, these are tried again each "
                    + "day")
        case .everythingRefused(let meter, let exception):
            let word = ModbusFailure.word(ofException: exception)
            return told(
                "register.refused", .registerRefused, .warning, members(meter, [], .exception(exception)),
                "Meter \(meter) answers, but refuses every register it is asked for (exception \(exception), "
                    + "\(word)): check that it is the device its profile or addresses are for")
        case .registersAccepted(let meter, let points):
            let names = points.map(pointName)
            return told(
                "register.accepted", .registerAccepted, .info, members(meter, names, nil),
                "Meter \(meter) gives \(shown(names)) again")
        default: return nil
        }
    }

    /// What a meter does that does not give some registers, up to what is to be done.
    private static func words(_ meter: String, _ names: String, _ failure: ModbusFailure) -> String {
        switch failure {
        case .timeout, .exception(10), .exception(11):
            "Meter \(meter) keeps silent when it is asked for the registers of \(names), and answers for others: it seems "
                + "not to have them;"
        case .reset, .refused, .linkDown:
            "Meter \(meter) closes the connection when it is asked for the registers of \(names), and answers for others: "
                + "it seems not to have them;"
        case .length:
            "Meter \(meter) answers with another number of registers than is asked for \(names): check its type and "
                + "'registers', and"
        case .crc, .frame: "Meter \(meter) answers with nonsense for the registers of \(names):"
        case .exception(let code):
            "Meter \(meter) refuses the registers of \(names) (exception \(code), \(ModbusFailure.word(ofException: code))):"
        }
    }

    private static func members(
        _ meter: String, _ points: [String], _ failure: ModbusFailure?
    ) -> [CanonicalJSON.Member] {
        var members: [CanonicalJSON.Member] = [.init("meter", .text(meter))]
        if !points.isEmpty { members.append(.init("points", .list(points.map { .text($0) }))) }
        switch failure {
        case .exception(let code): members.append(.init("exception", .integer(Int(code))))
        case .length: members.append(.init("answer", .text("length")))
        case .some(let failure): members.append(.init("answer", .text(failure.reason.text)))
        case nil: break
        }
        return members
    }

    /// The first of the names, and how many more there are.
    private static func shown(_ names: [String]) -> String {
        let first = names.prefix(5).joined(separator: ", ")
        return names.count > 5 ? "\(first) and \(names.count - 5) more points" : first
    }
}

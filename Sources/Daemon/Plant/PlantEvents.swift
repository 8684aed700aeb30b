import Acquisition
import Conformity
import DatabaseFile
import Listings
import Metering
import Modbus
import PlantAPI
import Recording
import Salvage
import Storage

extension JournalEntry {
    /// The wall clock was set forward (or back) by that many milliseconds.
    static func clockStep(_ milliseconds: Int64) -> JournalEntry {
        JournalEntry("clock.step", at: .distantPast, [.init("milliseconds", .integer(Int(milliseconds)))])
    }

    /// The daemon started on a configuration.
    static func started(digest: String) -> JournalEntry {
        JournalEntry(
            "daemon.started", at: .distantPast,
            [.init("version", .text(ProgramVersion.text)), .init("configuration", .text(digest))])
    }

    /// The daemon stops as it was told to.
    static var stopped: JournalEntry { JournalEntry("daemon.stopped", at: .distantPast) }
}

extension RecordedAlert {
    static func clockStep(_ milliseconds: Int64) -> RecordedAlert {
        let direction = milliseconds > 0 ? "forward" : "back"
        let seconds = FieldText.rounded(Double(abs(milliseconds)) / 1000)
        return RecordedAlert(
            .clockStep, .warning, details: [.init("milliseconds", .integer(Int(milliseconds)))],
            message: "The wall clock was set \(direction) by \(seconds) s: check the time source of this machine")
    }

    /// The database was damaged, so that a new one goes on.
    init(damaged aside: String, _ opening: StoreOpening, _ report: SalvageReport?) {
        let rest =
            report.map { "with what could be read of it (\($0.briefly)); older readings follow" }
            ?? "without what was before (\(opening.salvageFault ?? "nothing could be read"))"
        self.init(
            .databaseSetAside, .major,
            details: [.init("path", .text(aside)), .init("damage", .text(opening.damage))]
                + (report?.journalMembers ?? []),
            message: "The database was damaged and stands aside as \(aside); a new one goes on recording, \(rest): "
                + "keep that file")
    }

    /// Something of the record is missing, or its files lost their names.
    init(lost loss: String) {
        self.init(
            AlertEvent(rawValue: "database_lost"), .critical, details: [.init("loss", .text(loss))], message: loss)
    }

    /// All that could be read of the damaged database is part of the new one.
    init(salvaged report: SalvageReport) {
        self.init(
            .databaseSalvaged, report.isWhole ? .info : .warning,
            details: [.init("path", .text(report.source))] + report.members,
            message: "What could be read of \(report.source) is part of the record again: \(report.briefly)")
    }

    static var started: RecordedAlert { RecordedAlert(.started, .info, message: "emsd \(ProgramVersion.text) started") }

    static var stopped: RecordedAlert { RecordedAlert(.stopped, .info, message: "emsd \(ProgramVersion.text) stopped") }
}

/// What goes into the journal and the alerts for an event on the wire.
struct WireReport: Sendable {
    let event: AcquisitionEvent
    /// Nil for what is only kept.
    let entry: JournalEntry?
    let alert: RecordedAlert?
    /// What is to be kept of a meter.
    private(set) var learned: (meter: String, facts: LearnedFacts)?

    /// The report of an event, with the names of points.
    init(_ event: AcquisitionEvent, pointName: (PointIndex) -> String) {
        self.event = event
        func entry(_ type: String, _ members: [CanonicalJSON.Member]) -> JournalEntry {
            JournalEntry(type, at: .distantPast, members)
        }
        switch event {
        case .meterLost(let meter, let reason):
            let members: [CanonicalJSON.Member] = [.init("meter", .text(meter)), .init("reason", .text(reason.text))]
            self.entry = entry("meter.lost", members)
            alert = RecordedAlert(
                .meterLost, .warning, details: members,
                message: "Meter \(meter) does not answer (\(reason.text)): check its power, its address and the line")
        case .meterBack(let meter):
            let members: [CanonicalJSON.Member] = [.init("meter", .text(meter))]
            self.entry = entry("meter.back", members)
            alert = RecordedAlert(.meterBack, .info, details: members, message: "Meter \(meter) answers again")
        case .linkLost(let link, let reason, let cause, let meters):
            let members: [CanonicalJSON.Member] = [
                .init("link", .text(link)), .init("reason", .text(reason.text)), .init("cause", .text(cause)),
                .init("meters", .integer(meters)),
            ]
            self.entry = entry("link.lost", members)
            let behind = meters == 1 ? "its meter is" : "its \(meters) meters are"
            alert = RecordedAlert(
                .linkLost, .warning, details: members,
                message: "Link \(link) is down (\(reason.text)), \(behind) not read: \(cause)")
        case .linkBack(let link):
            let members: [CanonicalJSON.Member] = [.init("link", .text(link))]
            self.entry = entry("link.back", members)
            alert = RecordedAlert(.linkBack, .info, details: members, message: "Link \(link) is up again")
        case .registersRefused(let meter, let points, let failure):
            let (members, names) = WireReport.members(meter, points.map(pointName), failure)
            self.entry = entry("register.refused", members)
            alert = RecordedAlert(
                .registerRefused, .warning, details: members,
                message: WireReport.words(meter, names, failure)
                    + " check addresses and tables against its manual; the others are read on, these are tried again each "
                    + "day")
        case .everythingRefused(let meter, let exception):
            let (members, _) = WireReport.members(meter, [], .exception(exception))
            self.entry = entry("register.refused", members)
            let word = ModbusFailure.word(ofException: exception)
            alert = RecordedAlert(
                .registerRefused, .warning, details: members,
                message: "Meter \(meter) answers, but refuses every register it is asked for (exception \(exception), "
                    + "\(word)): check that it is the device its profile or addresses are for")
        case .registersAccepted(let meter, let points):
            let (members, names) = WireReport.members(meter, points.map(pointName), nil)
            self.entry = entry("register.accepted", members)
            alert = RecordedAlert(
                .registerAccepted, .info, details: members, message: "Meter \(meter) gives \(names) again")
        case .limitLearned(let meter, let registers):
            self.entry = entry(
                "meter.limit", [.init("meter", .text(meter)), .init("registers", .integer(registers))])
            alert = nil
        case .learned(let meter, let facts):
            self.entry = nil
            alert = nil
            learned = (meter, facts)
        case .answersUnnumbered(let link):
            let members: [CanonicalJSON.Member] = [.init("link", .text(link))]
            self.entry = entry("link.unnumbered", members)
            alert = RecordedAlert(
                .linkUnnumbered, .warning, details: members,
                message: "The gateway of link \(link) answers with transaction 0 instead of the request's number: its "
                    + "answers cannot be told apart and are not taken; let it echo the number, or pass RTU frames on "
                    + "(transport: rtu_over_tcp)")
        case .foreignMaster(let link, let units):
            let members: [CanonicalJSON.Member] = [
                .init("link", .text(link)), .init("units", .list(units.map { .integer(Int($0)) })),
            ]
            self.entry = entry("link.foreign_master", members)
            let asked = units.map { "\($0)" }.joined(separator: ", ")
            alert = RecordedAlert(
                .foreignMaster, .warning, details: members,
                message: "Another master asks on the line of link \(link), unit \(asked): answers that may be its own are not "
                    + "taken, and polls are lost; find it (a display, a controller, a second gateway) and take it off the line")
        case .linkNotStarted(let link, let cause):
            let members: [CanonicalJSON.Member] = [.init("link", .text(link)), .init("cause", .text(cause))]
            self.entry = entry("link.not_started", members)
            alert = RecordedAlert(
                .linkLost, .major, details: members, message: "Link \(link) could not be started (\(cause))")
        }
    }
}

extension WireReport {
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
    ) -> ([CanonicalJSON.Member], String) {
        var members: [CanonicalJSON.Member] = [.init("meter", .text(meter))]
        if !points.isEmpty { members.append(.init("points", .list(points.map { .text($0) }))) }
        switch failure {
        case .exception(let code): members.append(.init("exception", .integer(Int(code))))
        case .length: members.append(.init("answer", .text("length")))
        case .some(let failure): members.append(.init("answer", .text(failure.reason.text)))
        case nil: break
        }
        let shown = points.prefix(5).joined(separator: ", ")
        return (members, points.count > 5 ? "\(shown) and \(points.count - 5) more points" : shown)
    }
}

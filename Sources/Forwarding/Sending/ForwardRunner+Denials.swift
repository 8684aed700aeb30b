import Metering
import Platform

extension ForwardRunner {
    /// The journal waits alone: what else the target takes goes on.
    func restJournal(_ said: String) {
        journalRests = WallClock.steadyMilliseconds() + ForwardWait.longest
        let fault =
            "\(target.name) refuses the next line of the journal, and gets none after it: \(said.prefix(300)); it is tried "
            + "again every 5 min, the rest goes on"
        let isNews = shared.withLock { shared in
            defer { shared.journalTrouble = fault }
            return shared.journalTrouble == nil
        }
        if isNews { around.log("forward target '\(target.name)': \(fault)") }
        tellDenial(fault)
    }

    /// Tells the people on duty that only they can help: once an hour at most.
    func tellDenial(_ message: String) {
        let steady = WallClock.steadyMilliseconds()
        if let last = lastDenial, steady - last < 3_600_000 { return }
        lastDenial = steady
        around.tell(
            .init(
                event: "forward_denied", severity: .warning, message: message,
                details: [.init("target", .text(target.name))]))
    }
}

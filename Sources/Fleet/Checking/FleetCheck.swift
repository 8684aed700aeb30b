import Conformity
import Evidence
import Metering
import SignedNotes

/// Goes over the sites of a register, one after the other, and remembers what it saw of those that hold.
///
/// ```
/// let register = try FleetRegister(connection, schema: "emsd")
/// let check = FleetCheck(register, trusting: keys, memory: try SeenSites("seen.json"))
/// let reports = try check.run(now: { now }) { report in print(report.site, report.lines) }
/// ```
package struct FleetCheck {
    /// A site was asked for of which neither the register nor the memory has anything.
    package struct UnknownSite: Error, Sendable {
        package let name: String
    }

    private let register: FleetRegister
    private let trusted: [VerifierKey]
    private let memory: SeenSites?

    /// A check of a register; `memory` is what an earlier one saw, kept where the register's owner cannot reach it.
    package init(_ register: FleetRegister, trusting trusted: [VerifierKey], memory: SeenSites?) {
        self.register = register
        self.trusted = trusted
        self.memory = memory
    }

    /// Checks the sites of these names, or all; each report is handed to `each` as it comes.
    ///
    /// Throws a `PostgresConnection.Fault` where the register cannot be read, and an ``UnknownSite`` before the first
    /// report.
    package func run(
        only names: [String] = [], now: () -> Instant, each: (SiteReport) throws -> Void
    ) throws -> [SiteReport] {
        var sites = try register.sites()
        let known = Set(sites.map(\.name))
        for (name, seen) in memory?.sites ?? [:] where !known.contains(name) {
            sites.append(RegisteredSite(name: name, lastSeen: nil, seen: [seen]))
        }
        if let unknown = names.first(where: { name in !sites.contains { $0.name == name } }) {
            throw UnknownSite(name: unknown)
        }
        if !names.isEmpty { sites.removeAll { !names.contains($0.name) } }
        var reports: [SiteReport] = []
        for var site in sites.sorted(by: { $0.name < $1.name }) {
            if let seen = memory?.sites[site.name] { site.seen.append(seen) }
            try register.complete(&site)
            var check = SiteCheck(site, trusting: trusted)
            while case let lines = try register.lines(of: site.name, after: check.reached), !lines.isEmpty {
                for line in lines { check.take(line) }
            }
            let report = try check.report(now: now())
            try each(report)
            reports.append(report)
        }
        return reports
    }
}

import Foundation
import Metering
import TestKit
import Testing

@testable import PlantAPI

@Suite("Bounds of time and queries that nobody should send")
struct RequestFuzzTests {
    @Test("bounds of time are understood or refused, whatever they say")
    func timeBounds() throws {
        let calendar = try #require(SiteCalendar(identifier: "Europe/Stockholm"))
        let now = try #require(Instant("2026-11-27T08:00:00Z"))
        let good = ["-24h", "-300000000y", "today", "yesterday", "now", "2026-11-01", "2026-11-01T06:00:00Z", "-1q"]
        for round in 0..<Rubbish.rounds * 10 {
            var rubbish = Rubbish(round: round)
            let text = rubbish.text(like: good)
            do {
                let instant = try TimeBound.instant(text, option: "--since", now: now, calendar: calendar)
                _ = calendar.text(instant)
            } catch let commandError as CommandError {
                #expect(commandError.status == .usage)
            }
        }
        let longest = try TimeBound.instant("-300000000y", option: "--since", now: now, calendar: calendar)
        #expect(longest == .distantPast)
    }

    @Test("queries of a request are understood or refused")
    func queries() {
        let good = ["since=-24h", "until=2026-11-01", "format=csv", "revisions=true", "point=m.p", "plan=1", "name=x"]
        for round in 0..<Rubbish.rounds {
            var rubbish = Rubbish(round: round)
            let query = (0..<rubbish.below(4)).map { _ in
                let parts = rubbish.text(like: good).split(separator: "=", maxSplits: 1).map(String.init)
                return (parts.first ?? "", parts.count > 1 ? parts[1] : "")
            }
            let subject = ListingQuery.Listing.allCases.randomElement(using: &rubbish) ?? .status
            if let query = try? ListingQuery(subject, query: query) { #expect(query.target.hasPrefix("/v1/")) }
        }
    }
}

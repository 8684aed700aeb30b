import Fleet
import Foundation
import Metering
import TestKit
import Testing

@Suite("what a check remembers")
struct SeenSitesTests {
    @Test("it is read back as it was, and a site with an alarm keeps what was seen before")
    func memory() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("seen")
        #expect(try SeenSites(path) == nil)
        let lines = SiteCheckTests.journal(5)
        var seen = SeenSites()
        seen.take([try SiteCheckTests.report(lines)], at: SiteCheckTests.now)
        try seen.write(to: path)
        #expect(try SeenSites(path) == seen)
        let before = try #require(seen.sites["Works"])
        #expect(before.size == 5)
        seen.take([try SiteCheckTests.report(lines.prefix(3), seen: [before])], at: SiteCheckTests.now + 1)
        #expect(seen.sites["Works"] == before)
    }

    @Test("a file that says nothing of the kind is no new beginning", arguments: ["", "{", "[]", "{\"a\":{}}"])
    func damaged(text: String) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("seen")
        try folder.write("seen", text)
        #expect(throws: SeenSites.Fault.self) { try SeenSites(path) }
    }
}

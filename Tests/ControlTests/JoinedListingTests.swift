import Foundation
import PlantAPI
import Testing

@testable import emsctl

@Suite("The numbers of several charts")
struct JoinedListingTests {
    private func joined(_ format: ListingFormat, _ parts: [String]) -> String {
        var listing = JoinedListing(format)
        for part in parts { listing.append(Array(part.utf8)) }
        return String(decoding: listing.bytes, as: UTF8.self)
    }

    @Test("as CSV have one header")
    func csv() {
        #expect(joined(.csv, ["a,b\n1,2\n", "a,b\n", "a,b\n3,4\n"]) == "a,b\n1,2\n3,4\n")
    }

    @Test("as JSON are one document, also where one or all of them have none")
    func json() throws {
        let text = joined(.json, ["[\n{\"a\":1},\n{\"a\":2}\n]\n", "[]\n", "[\n{\"a\":3}\n]\n"])
        let rows = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Int]]
        #expect(rows == [["a": 1], ["a": 2], ["a": 3]])
        #expect(joined(.json, ["[]\n", "[]\n"]) == "[]\n")
    }
}

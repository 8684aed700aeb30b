import Foundation
import Metering
import PlantAPI
import TestKit
import Testing

@testable import Listings

@Suite("Questions that nobody should ask")
struct QuestionFuzzTests {
    @Test("questions are answered or refused over every bound of time")
    func queries() throws {
        let plant = try RecordedPlant()
        let record = try PlantRecord(directory: plant.directory)
        let bounds = [
            "-300000000y", "-999999999q", "0001-01-01T00:00:00Z", "0000-01-01", "9999-12-31T23:59:59.999Z", "now",
            "-1ms",
        ]
        for subject in ListingQuery.Listing.allCases {
            for since in bounds {
                for until in bounds {
                    let format: ListingFormat = since.count % 2 == 0 ? .table : .csv
                    var query = ListingQuery(subject, since: since, until: until, provisional: true, format: format)
                    query.name = subject == .readings ? "stack.energy" : nil
                    do {
                        _ = try record.answer(query) { _ in }
                    } catch let commandError as CommandError {
                        #expect([.usage, .badInput].contains(commandError.status), "\(commandError)")
                    }
                }
            }
        }
    }
}

import Metering
import Testing

@testable import Rehearsal

@Suite("Series in the compact notation")
struct SeriesNotationTests {
    @Test("numbers, repetitions, rises, gaps and qualities")
    func notation() throws {
        #expect(try SeriesNotation("5 7x2").steps == [.reading(5, .good), .reading(7, .good), .reading(7, .good)])
        #expect(try values("0+10x3") == [0, 10, 20])
        #expect(try values("-5-0.5x3") == [-5, -5.5, -6])
        #expect(try values("1e3+1e-1x2") == [1000, 1000.1])
        #expect(try SeriesNotation("_ 1? _x2").steps == [.none, .reading(1, .uncertain), .none, .none])
        #expect(try SeriesNotation("! !timeoutx2").steps == [.bad(.missing), .bad(.timeout), .bad(.timeout)])
        #expect(try SeriesNotation("!exception-2").steps.count == 1)
        #expect(try SeriesNotation("").steps.isEmpty)
    }

    @Test(
        "what is no series is said",
        arguments: [
            ("1x0", "repeats"), ("abc", "is none of"), ("!nothing", "no reason"), ("1+x3", "is none of"),
            ("inf", "is none of"), ("5x99999999", "repeats"), ("1x9999999 1x9999999", "at most"),
        ])
    func faults(text: String, message: String) throws {
        let fault = #expect(throws: SeriesNotation.Fault.self) { try SeriesNotation(text) }
        #expect(try #require(fault).message.contains(message))
    }

    private func values(_ text: String) throws -> [Double] {
        try SeriesNotation(text).steps.compactMap { step in
            if case .reading(let value, _) = step { value } else { nil }
        }
    }
}

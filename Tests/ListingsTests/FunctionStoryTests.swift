import PlantAPI
import TestKit
import Testing

@testable import Listings

/// The worked numbers are those of `CalibrationTests`, as a person brings them in a file.
@Suite("Pairs with the reference method, told as QAL2 and AST")
struct FunctionStoryTests {
    private static let fifteen = """
        time;reading;reference
        2026-03-02;60,2;63
        2026-03-02;66;70,9
        2026-03-02;71,5;75,1
        2026-03-02;75,8;81,2
        2026-03-02;80,1;84,6
        2026-03-03;84,9;88,1
        2026-03-03;90,3;96
        2026-03-03;95,2;99,7
        2026-03-03;101;108,4
        2026-03-03;106,2;110,2
        2026-03-04;110,7;117,5
        2026-03-04;115,9;122,8
        2026-03-04;120,4;124,9
        2026-03-04;126,1;134,2
        2026-03-04;131;136,7
        """
    private static let five = "reading,reference\n70,76.5\n85,93\n98,104.1\n112,121\n125,133.2\n"

    private func told(
        _ text: String, _ tell: (FunctionStory) throws -> PlantAPI.ExitStatus
    ) throws -> (rows: [String], status: PlantAPI.ExitStatus) {
        var output = ""
        let folder = try TemporaryFolder()
        let story = try FunctionStory(
            ReferencePairs(path: folder.write("pairs.csv", text)), limit: 200, interval: 20, format: .csv
        ) { output += String(decoding: $0, as: UTF8.self) }
        let status = try tell(story)
        return (output.split(separator: "\n").map(String.init), status)
    }

    @Test("QAL2 gives the line for the configuration")
    func function() throws {
        let (rows, status) = try told(Self.fifteen) { try $0.findFunction(zero: 0) }
        #expect(status == .done)
        #expect(rows[1] == "pairs,15," && rows[2] == "method,A,")
        #expect(
            rows.contains { $0.hasPrefix("deviation,1.236307,") }
                && rows.contains { $0.hasPrefix("permitted,19.920764,") })
        #expect(
            rows.contains {
                $0.hasPrefix(
                    "configuration,\"calibration: {a: 1.070034, b: 1.043161, valid: [0, 151.496588], from: DAY}")
            }, "\(rows)")
    }

    @Test("too few pairs, too few days and too much scatter are said")
    func unsound() throws {
        let one = Self.fifteen.replacing("2026-03-03", with: "2026-03-02").replacing("2026-03-04", with: "2026-03-02")
        #expect(try told(one) { try $0.findFunction(zero: 0) }.rows[1] == "pairs,15,EN 14181 asks for at least 3 days")
        let wild = Self.five.replacing("76.5", with: "160").replacing("121", with: "40")
        let (rows, status) = try told(wild) { try $0.findFunction(zero: 0) }
        #expect(status == .notInOrder && rows.contains("variability,not passed,"))
        #expect(rows[1] == "pairs,5,EN 14181 asks for at least 15 pairs")
        #expect(!rows.contains { $0.hasPrefix("configuration") })
    }

    @Test("AST: the function of before holds, and with references 25 higher it does not")
    func surveillance() throws {
        let (rows, status) = try told(Self.five) { try $0.test(intercept: 1.070034, slope: 1.043161) }
        #expect(status == .done && rows.contains("variability,passed,") && rows.contains("function,passed,"))
        #expect(rows.contains { $0.hasPrefix("permitted_deviation,28.0427") })
        let higher = "reading,reference\n70,101.5\n85,118\n98,129.1\n112,146\n125,158.2\n"
        let failed = try told(higher) { try $0.test(intercept: 1.070034, slope: 1.043161) }
        #expect(failed.status == .notInOrder && failed.rows.contains("function,not passed,"))
    }

    @Test(
        "a file that is none is refused with its row",
        arguments: [
            ("1,2\n", "must name the columns"),
            ("reading,reference\n1,x\n", "pairs.csv:2: error: 'x' is no number of 'reference'"),
            ("reading,reference\n1\n", "pairs.csv:2: "), ("", "must name the columns"),
        ])
    func refused(_ text: String, _ words: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("pairs.csv", text)
        let error = #expect(throws: CommandError.self) { try ReferencePairs(path: path) }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }
}

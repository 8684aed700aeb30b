import DatabaseFile
import Foundation
import PlantAPI
import Platform

/// The one place where programs say what went wrong and choose their exit status.
package enum ProgramEnd {
    /// Says the error in one line on standard error and ends the program.
    ///
    /// What is no error of ours (a wrong option, a request for help) is described by `usage`: its status and its text.
    package static func exit(program: String, error: any Error, usage: (any Error) -> (Int32, String)) -> Never {
        switch error {
        case let commandError as CommandError:
            let wantsDetail = CommandLine.arguments.contains { $0 == "-v" || $0 == "--verbose" }
            let detail = wantsDetail ? commandError.detail.map { " (\($0))" } ?? "" : ""
            say(program, commandError.message + detail)
            end(commandError.status.rawValue)
        case is ReaderHungUp: end(ExitStatus.done.rawValue)
        case let refusal as ConfigurationRefusal:
            for finding in refusal.findings { StandardStreams.complain(finding) }
            end(ExitStatus.configuration.rawValue)
        case let fault as StoreFault:
            say(program, fault.message)
            end(fault.exitCode)
        case let fault as ThreadFault:
            say(program, fault.description)
            end(ExitStatus.unreachable.rawValue)
        default:
            let (status, text) = usage(error)
            if status == 0 {
                do {
                    try StandardStreams.output(Array((text + "\n").utf8))
                } catch {
                    // As of any other result that cannot be written.
                    exit(program: program, error: error, usage: usage)
                }
            } else if !text.isEmpty {
                say(program, text)
            }
            end(status)
        }
    }

    private static func say(_ program: String, _ text: String) {
        StandardStreams.complain("\(program): " + text.split(whereSeparator: \.isNewline).joined(separator: " "))
    }

    private static func end(_ status: Int32) -> Never { Foundation.exit(status) }
}

import ArgumentParser
import Metering
import PlantAPI
import Platform
import Programs

/// What the daemon says while it checks its record: how far it is, what it found, how it ended.
struct VerificationAnswer {
    private let line = ProgressLine("verify")
    private var rest: [UInt8] = []
    private var status: Int32?

    /// Takes the next piece.
    mutating func take(_ piece: [UInt8]) throws {
        if Interrupt.isRaised {
            line.clear()
            throw CommandError(.notInOrder, "the check was ended early")
        }
        rest += piece
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let text = Array(rest[...end])
            rest.removeFirst(end + 1)
            switch text.first {
            case UInt8(ascii: "~"): line.show(ShownText(String(decoding: text.dropFirst(2).dropLast(), as: UTF8.self)))
            case UInt8(ascii: "="): status = Int32(String(decoding: text.dropFirst(2).dropLast(), as: UTF8.self))
            default:
                line.clear()
                try StandardStreams.output(text)
            }
        }
    }

    /// Ends the program as the check ended.
    func end() throws {
        line.clear()
        guard let status else {
            throw CommandError(.unreachable, "the daemon ended its check early: it is stopping")
        }
        if status != 0 { throw ExitCode(status) }
    }
}

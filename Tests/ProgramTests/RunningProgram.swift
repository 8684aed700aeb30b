import Foundation
import Synchronization

/// A program of this build, running as a process of its own.
final class RunningProgram {
    /// Where the programs are: `EMSD_PROGRAMS`, or beside the tests.
    static let directory: String =
        ProcessInfo.processInfo.environment["EMSD_PROGRAMS"]
        ?? Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }
        .map { URL(fileURLWithPath: $0.bundlePath).deletingLastPathComponent().path } ?? ".build/debug"

    /// A Python with pymodbus and PyYAML; nil where `EMSD_PYTHON` names none.
    static let python: String? = ProcessInfo.processInfo.environment["EMSD_PYTHON"].flatMap {
        FileManager.default.isExecutableFile(atPath: $0) ? $0 : nil
    }

    private let process = Process()
    private let output = Pipe()
    private let errors = Pipe()
    private let errorReader: OutputReader
    private var rest = Data()

    /// Starts a program of this build, or the one at an absolute path.
    init(_ name: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        process.executableURL = URL(fileURLWithPath: name.hasPrefix("/") ? name : "\(RunningProgram.directory)/\(name)")
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = FileHandle.nullDevice
        try process.run()
        errorReader = OutputReader(errors.fileHandleForReading)
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// The lines of standard output up to the one that begins so; those read until the output ends, if there is none.
    func lines(until start: String) -> [String] {
        var lines: [String] = []
        while let line = nextLine() {
            lines.append(line)
            if line.hasPrefix(start) { break }
        }
        return lines
    }

    /// Whether it has not ended yet.
    var isRunning: Bool { process.isRunning }

    /// Its number among the processes.
    var identifier: Int32 { process.processIdentifier }

    /// Asks it to end.
    func terminate() { process.terminate() }

    /// Sends it a signal.
    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Ends it at once, as a power cut would, and waits until it is gone.
    func slay() {
        send(SIGKILL)
        process.waitUntilExit()
    }

    /// Waits for its end: the exit code and all that is left of its output. One that does not end in time is ended, and
    /// its code is then that of a failure.
    func end(within seconds: Double = 180) -> (code: Int32, output: String, errors: String) {
        let guardian = DispatchWorkItem { [identifier = process.processIdentifier] in kill(identifier, SIGKILL) }
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds, execute: guardian)
        let last = (try? output.fileHandleForReading.readToEnd()).flatMap { $0 } ?? Data()
        process.waitUntilExit()
        guardian.cancel()
        let code = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        return (code, String(decoding: rest + last, as: UTF8.self), errorReader.text())
    }

    private func nextLine() -> String? {
        while true {
            if let end = rest.firstIndex(of: 10) {
                let line = String(decoding: rest[..<end], as: UTF8.self)
                rest = Data(rest[(end + 1)...])
                return line
            }
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { return nil }
            rest += more
        }
    }
}

/// Reads a pipe to its end beside everything else, so that a program that writes much does not wait for its reader.
private final class OutputReader: Sendable {
    private let collected = Mutex(Data())
    private let done = DispatchSemaphore(value: 0)

    init(_ handle: FileHandle) {
        let descriptor = handle.fileDescriptor
        Thread { [self] in
            var bytes = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = read(descriptor, &bytes, bytes.count)
                if count <= 0 { break }
                let part = Data(bytes[..<count])
                collected.withLock { $0 += part }
            }
            done.signal()
        }.start()
    }

    /// All of it, once the pipe has ended.
    func text() -> String {
        done.wait()
        done.signal()
        return collected.withLock { String(decoding: $0, as: UTF8.self) }
    }
}

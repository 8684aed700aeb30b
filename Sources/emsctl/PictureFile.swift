import Foundation
import PlantAPI
import Programs

/// A picture in a file: SVG as it is, PNG drawn by librsvg's program.
struct PictureFile {
    let path: String

    /// Writes the picture; throws a ``CommandError``: 73 where it cannot be written, or where a PNG has nobody to draw it.
    func write(svg: [UInt8]) async throws {
        guard path.hasSuffix(".png") else {
            return try OutputFile.write(svg, to: path)
        }
        guard let program = PictureFile.program("rsvg-convert") else {
            throw CommandError(
                .cannotCreate,
                "a PNG needs the program rsvg-convert, which is not installed: install the package librsvg2-bin, or write "
                    + "to a .svg file")
        }
        let drawing = Process()
        drawing.executableURL = URL(fileURLWithPath: program)
        drawing.arguments = ["--zoom", "2", "--background-color", "white", "--output", path]
        let input = Pipe()
        drawing.standardInput = input
        do {
            try drawing.run()
            try input.fileHandleForWriting.write(contentsOf: Data(svg))
            try input.fileHandleForWriting.close()
        } catch {
            throw CommandError(.cannotCreate, "\(program) cannot draw \(path): \(error.localizedDescription)")
        }
        drawing.waitUntilExit()
        guard drawing.terminationStatus == 0 else {
            throw CommandError(.cannotCreate, "\(path) cannot be written by \(program): check its directory")
        }
    }

    /// Where a program stands on the PATH; nil where it is not installed.
    static func program(_ name: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return path.split(separator: ":").map { "\($0)/\(name)" }.first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
    }
}

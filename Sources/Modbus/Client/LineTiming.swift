/// Times on a serial line, from its rate: a character is counted as 11 bits whatever its format.
package struct LineTiming: Sendable, Hashable {
    /// Nanoseconds of one character.
    package var character: Int64
    /// Nanoseconds of silence between two frames: 3.5 characters, and 1.75 ms above 19200 baud.
    package var silence: Int64

    /// The times at a rate in bits per second.
    package init(baud: Int) {
        character = 11_000_000_000 / Int64(baud)
        silence = baud > 19200 ? 1_750_000 : 38_500_000_000 / Int64(baud)
    }

    /// A line whose rate is not known, behind a serial server: no time for characters, the shortest silence.
    package static let unknown = LineTiming(character: 0, silence: 1_750_000)

    private init(character: Int64, silence: Int64) {
        self.character = character
        self.silence = silence
    }

    /// Nanoseconds that so many bytes are on the wire.
    package func duration(bytes: Int) -> Int64 { Int64(bytes) * character }
}

/// A tar archive as it comes in, piece by piece: each file is handed on when it is whole.
package struct TarStream {
    private var rest: [UInt8] = []

    /// Nothing has come yet.
    package init() {}

    /// Takes the next piece.
    package mutating func take(_ piece: [UInt8], file: (_ name: String, _ bytes: [UInt8]) throws -> Void) throws {
        rest += piece
        var place = 0
        while rest.count - place >= 512, rest[place] != 0 {
            let size = rest[(place + 124)..<(place + 135)].reduce(0) { $0 * 8 + Int($1 & 7) }
            let length = 512 + (size + 511) / 512 * 512
            guard rest.count - place >= length else { break }
            let name = String(decoding: rest[place..<(place + 100)].prefix { $0 != 0 }, as: UTF8.self)
            try file(name, Array(rest[(place + 512)..<(place + 512 + size)]))
            place += length
        }
        rest.removeFirst(place)
    }

    /// Whether it came to its end.
    package var isWhole: Bool { rest.count == 1024 && rest.allSatisfy { $0 == 0 } }
}

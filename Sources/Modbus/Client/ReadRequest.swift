/// One request to read a stretch of cells of one unit.
package struct ReadRequest: Sendable, Hashable {
    /// The unit identifier, 0 to 255.
    package var unit: UInt8
    /// The table that is read.
    package var function: ReadFunction
    /// The zero-based address of the first cell.
    package var address: UInt16
    /// Registers or bits; 1 to the function's limit.
    package var count: Int

    /// A request for `count` cells from `address`.
    package init(unit: UInt8, function: ReadFunction, address: UInt16, count: Int) {
        precondition(count >= 1 && count <= function.limit, "a request for \(count) cells")
        self.unit = unit
        self.function = function
        self.address = address
        self.count = count
    }

    /// Bytes of data in the answer.
    package var byteCount: Int { function.isBits ? (count + 7) / 8 : count * 2 }

    /// Whether its own echo on a serial line has the form of an answer: the address in the place of the byte count.
    package var echoLooksLikeAnswer: Bool { function.isBits && byteCount == 3 && address >> 8 == 3 }

    /// What can be told from an answer on a serial line: it carries no address, so two requests of one shape are not told apart.
    package var shape: AnswerShape { AnswerShape(unit: unit, function: function, byteCount: UInt8(byteCount)) }
}

/// What an answer on a serial line shows of the request it belongs to.
package struct AnswerShape: Sendable, Hashable {
    /// The unit identifier.
    package var unit: UInt8
    /// The table that is read.
    package var function: ReadFunction
    /// Bytes of data.
    package var byteCount: UInt8

    /// The shape of an answer.
    package init(unit: UInt8, function: ReadFunction, byteCount: UInt8) {
        self.unit = unit
        self.function = function
        self.byteCount = byteCount
    }
}

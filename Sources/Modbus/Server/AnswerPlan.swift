/// How a simulated device answers one request.
package struct AnswerPlan: Sendable, Hashable {
    /// What the answer says.
    package enum Content: Sendable, Hashable {
        /// What stands in the registers.
        case registers
        /// That exception.
        case exception(UInt8)
        /// That data after the function code, as it stands.
        case data([UInt8])
        /// Nothing at all.
        case silence
        /// The connection is reset; on a serial line the same as silence.
        case reset
    }

    /// What is wrong with the answer's frame.
    package enum Damage: Sendable, Hashable {
        /// A checksum that does not fit (RTU).
        case checksum
        /// Another unit's number.
        case unit(UInt8)
        /// Another request's transaction (TCP).
        case transaction
        /// Another function code.
        case function
        /// The second half is missing.
        case truncated
        /// Bytes follow that belong to nothing.
        case rubbish
    }

    package var content: Content
    /// Milliseconds before the answer.
    package var delay: Int64
    /// Whether requests that arrive meanwhile are answered first, as by another device on the line.
    package var letsOthersPass: Bool
    package var damage: Damage?
    /// How often the answer is sent.
    package var copies: Int
    /// Milliseconds between two bytes of the answer.
    package var drip: Int64

    /// An answer; without more, at once and without fault.
    package init(
        _ content: Content = .registers, delay: Int64 = 0, letsOthersPass: Bool = false, damage: Damage? = nil,
        copies: Int = 1, drip: Int64 = 0
    ) {
        self.content = content
        self.delay = delay
        self.letsOthersPass = letsOthersPass
        self.damage = damage
        self.copies = copies
        self.drip = drip
    }

    /// Whether the answer says something, at once and as it should.
    var isFaultless: Bool {
        switch content {
        case .registers, .data: delay == 0 && damage == nil && copies == 1 && drip == 0
        case .exception, .silence, .reset: false
        }
    }
}

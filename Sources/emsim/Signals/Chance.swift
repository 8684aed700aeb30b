/// Numbers that look random and are a pure function of a seed, a name and a count.
struct Chance: Sendable, Hashable {
    private let key: UInt64

    /// The chance of one thing in a simulation.
    init(seed: UInt64, name: String) {
        // FNV-1a: the same on every machine and in every run, unlike Swift's own hashes.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        key = Chance.mixed(hash ^ Chance.mixed(seed))
    }

    /// The number of that count, from 0 up to, not including, 1.
    func share(_ count: Int64) -> Double {
        Double(Chance.mixed(key ^ Chance.mixed(UInt64(bitPattern: count))) >> 11) * 0x1p-53
    }

    /// splitmix64's finisher.
    private static func mixed(_ number: UInt64) -> UInt64 {
        var z = number &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}

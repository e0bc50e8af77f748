/// 128 random bits that come with an event: from the system's generator in a daemon, from the
/// world's in the simulator. Every identifier a decision makes is derived from them, so deciding
/// again makes the same ones.
public struct Seed: Hashable, Sendable {
    public let high: UInt64
    public let low: UInt64

    @inlinable
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A seed of its own for each purpose, so that two identifiers of one event never meet.
    public func derived(_ purpose: UInt64) -> Seed {
        var generator = SeededGenerator(
            seed: Seed(high: high ^ purpose &* 0x9E37_79B9_7F4A_7C15, low: low)
        )
        return Seed(high: generator.next(), low: generator.next())
    }
}

/// xoshiro256**, seeded through SplitMix64: the same numbers on every machine.
///
/// Source: Blackman and Vigna, "Scrambled linear pseudorandom number generators". Not for keys.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    public init(seed: Seed) {
        var mixer = seed.high
        func split() -> UInt64 {
            mixer &+= 0x9E37_79B9_7F4A_7C15
            var mixed = mixer
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
        let first = split()
        let second = split()
        mixer ^= seed.low
        state = (first, second, split(), split() | 1)
    }

    /// A generator of its own for each named stream of `seed`: taking from one shifts no other.
    public init(seed: UInt64, stream: String) {
        // FNV-1a; the name only has to spread.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in stream.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        // The name reaches the first number, too, which comes from the high word alone.
        self.init(seed: Seed(high: seed ^ hash, low: hash))
    }

    public mutating func next() -> UInt64 {
        let product = state.1 &* 5
        let result = (product << 7 | product >> 57) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = state.3 << 45 | state.3 >> 19
        return result
    }

    /// A whole seed.
    public mutating func nextSeed() -> Seed { Seed(high: next(), low: next()) }

    /// True in `numerator` of `denominator` cases.
    public mutating func chance(_ numerator: UInt64, in denominator: UInt64) -> Bool {
        next() % denominator < numerator
    }
}

/// Hashes keys of a few machine words: one multiplication a word, where the standard hasher's
/// fixed part alone costs more than all the words of a payment's key.
///
/// It mixes in a secret of the process, since peers choose UETRs and message identifications and
/// must not be able to make keys collide.
public struct WordHasher {
    /// Random per process, or fixed where the environment asks for deterministic hashing.
    public static let secret: UInt64 = {
        var hasher = Hasher()
        hasher.combine(0x5E1A7)
        return UInt64(bitPattern: Int64(hasher.finalize())) | 1
    }()

    @usableFromInline var state: UInt64

    /// `seed` is what a table gives each of its hashes.
    @inlinable
    public init(seed: Int) {
        state = WordHasher.secret ^ UInt64(bitPattern: Int64(seed))
    }

    /// Takes one word.
    @inlinable
    public mutating func combine(_ word: UInt64) {
        // The odd constant is that of the golden ratio: a state of zero may not absorb a word.
        let (high, low) = (state ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        state = (high ^ low) &+ WordHasher.secret
    }

    /// Takes the bytes of a text and their number.
    @inlinable
    public mutating func combine(_ text: String) {
        let span = text.utf8.span
        let bytes = unsafe span.bytes
        var index = 0
        while index &+ 8 <= bytes.byteCount {
            unsafe combine(bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
            index &+= 8
        }
        var rest = UInt64(bytes.byteCount) << 56
        var shift: UInt64 = 0
        while index < bytes.byteCount {
            unsafe rest ^= UInt64(bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)) << shift
            shift &+= 8
            index &+= 1
        }
        combine(rest)
    }

    @inlinable
    public var value: Int {
        let (high, low) = state.multipliedFullWidth(by: WordHasher.secret)
        return Int(truncatingIfNeeded: high ^ low)
    }
}

/// A key of the tables that every payment goes through.
public protocol WordHashable: Hashable {
    /// Feeds whatever equality looks at.
    func feed(_ hasher: inout WordHasher)
}

extension WordHashable {
    @inlinable
    public func hash(into hasher: inout Hasher) {
        var words = WordHasher(seed: 0)
        feed(&words)
        hasher.combine(words.value)
    }

    /// What the standard library's tables ask for; the default would set up a `Hasher`.
    @inlinable
    public func _rawHashValue(seed: Int) -> Int {
        var words = WordHasher(seed: seed)
        feed(&words)
        return words.value
    }
}

/// Hashes keys of a few machine words: one multiplication a word, where the standard hasher's
/// fixed part alone costs more than all the words of a payment's key.
///
/// A table's seed is its own address, which a peer cannot know: peers choose UETRs and message
/// identifications and must not be able to make keys collide.
public struct WordHasher {
    @usableFromInline var state: UInt64

    /// `seed` is what a table gives each of its hashes.
    @inlinable
    public init(seed: Int) {
        state = UInt64(bitPattern: Int64(seed)) ^ 0xA076_1D64_78BD_642F
    }

    /// For a word that a key keeps beside what it stands for.
    @inlinable
    public init() { self.init(seed: WordHasher.processSeed) }

    /// Takes one word.
    @inlinable
    public mutating func combine(_ word: UInt64) {
        let (high, low) = (state ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        // A product of zero may not forget what came before.
        state = (high ^ low) &+ (state &<< 1 | 1)
    }

    /// Takes the bytes of a text and their number. Lets go of no object, and says so
    /// (`releasenone`): then nobody need take hold of a key to hash it.
    @_effects(releasenone)
    @inlinable
    public mutating func combine(_ text: String) {
        let span = text.utf8.span
        // SAFETY: every place is within the text, and any bits are a word.
        let bytes = unsafe span.bytes
        let count = bytes.byteCount
        combine(UInt64(truncatingIfNeeded: count))
        var index = 0
        while index &+ 8 < count {
            unsafe combine(bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
            index &+= 8
        }
        // The last bytes in one word, some of them for the second time.
        if count >= 8 {
            unsafe combine(bytes.unsafeLoadUnaligned(fromByteOffset: count &- 8, as: UInt64.self))
        } else if count >= 4 {
            let first = unsafe bytes.unsafeLoadUnaligned(as: UInt32.self)
            let last = unsafe bytes.unsafeLoadUnaligned(
                fromByteOffset: count &- 4,
                as: UInt32.self
            )
            combine(UInt64(first) | UInt64(last) << 32)
        } else if count > 0 {
            let first = unsafe bytes.unsafeLoad(as: UInt8.self)
            let middle = unsafe bytes.unsafeLoad(fromByteOffset: count / 2, as: UInt8.self)
            let last = unsafe bytes.unsafeLoad(fromByteOffset: count &- 1, as: UInt8.self)
            combine(UInt64(first) | UInt64(middle) << 8 | UInt64(last) << 16)
        }
    }

    /// Of all that was taken.
    @inlinable
    public var word: UInt64 {
        let (high, low) = state.multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
        return high ^ low
    }

    /// A text in one word, for keys that keep it beside the text.
    @inlinable
    public static func word(of text: String) -> UInt64 {
        var hasher = WordHasher()
        hasher.combine(text)
        return hasher.word
    }

    /// Random per process, or fixed where the environment asks for deterministic hashing.
    @usableFromInline static let processSeed: Int = {
        var hasher = Hasher()
        hasher.combine(0x5E1A7)
        return hasher.finalize()
    }()
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
        hasher.combine(words.word)
    }

    /// What the standard library's tables ask for; the default would set up a `Hasher`.
    @inlinable
    public func _rawHashValue(seed: Int) -> Int {
        var words = WordHasher(seed: seed)
        feed(&words)
        return Int(truncatingIfNeeded: words.word)
    }
}

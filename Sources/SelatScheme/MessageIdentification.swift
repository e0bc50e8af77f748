public import SelatTime

/// Point-to-point message ids: the sender's name, the instant and 50 bits of the seed, so that
/// they are unique per sender, and sort by time in an index.
public enum MessageIdentification {
    private static var alphabet: StaticString { "0123456789ABCDEFGHJKMNPQRSTVWXYZ" }

    /// At most 35 characters: 8 of `sender`, then 13 for the time and 10 from the seed, base 32.
    ///
    /// `purpose` tells apart several ids of one event.
    public static func derive(sender: PartyID, at: Instant, seed: Seed, purpose: UInt64) -> String {
        let name = sender.name.utf8.span
        let time = UInt64(bitPattern: at.nanoseconds)
        let random = seed.derived(purpose).high
        // SAFETY: at most 8, then 13 and 10 bytes are written, within the 31 asked for.
        return unsafe String(unsafeUninitializedCapacity: 31) { bytes in
            var count = 0
            for index in 0..<min(8, name.count) {
                let byte = name[index]
                let isLetter = byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A
                guard isLetter || byte >= 0x30 && byte <= 0x39 else { continue }
                unsafe bytes[count] = isLetter ? byte & 0xDF : byte
                count += 1
            }
            for digit in 0..<13 {
                unsafe bytes[count] = character(time >> UInt64(60 - 5 * digit))
                count += 1
            }
            for digit in 0..<10 {
                unsafe bytes[count] = character(random >> UInt64(45 - 5 * digit))
                count += 1
            }
            return count
        }
    }

    /// Base 32 of the lowest five bits: digits, then letters without I, L, O and U.
    @inline(__always)
    private static func character(_ bits: UInt64) -> UInt8 {
        // SAFETY: the alphabet has 32 characters.
        unsafe alphabet.utf8Start[Int(bits & 31)]
    }
}

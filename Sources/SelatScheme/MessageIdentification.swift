public import SelatTime

/// Point-to-point message ids: the sender's name, the instant and 50 bits of the seed, so that
/// they are unique per sender, and sort by time in an index.
public enum MessageIdentification {
    private static let alphabet: [UInt8] = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// At most 35 characters: 8 of `sender`, then 13 for the time and 10 from the seed, base 32.
    ///
    /// `purpose` tells apart several ids of one event.
    public static func derive(sender: PartyID, at: Instant, seed: Seed, purpose: UInt64) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        for byte in sender.name.utf8.prefix(8) {
            let isLetter = byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A
            let isDigit = byte >= 0x30 && byte <= 0x39
            guard isLetter || isDigit else { continue }
            bytes.append(isLetter ? byte & 0xDF : byte)
        }
        let time = UInt64(bitPattern: at.nanoseconds)
        for shift in stride(from: 60, through: 0, by: -5) {
            bytes.append(alphabet[Int(time >> UInt64(shift) & 31)])
        }
        let random = seed.derived(purpose).high
        for shift in stride(from: 45, through: 0, by: -5) {
            bytes.append(alphabet[Int(random >> UInt64(shift) & 31)])
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Identifiers cross systems that know less than XML: letters, digits, space and `/-?:().,'+`,
/// no slash first or last, no two slashes together. Rulebook: Characters and references.
enum ReferenceRule {
    static func holds(_ reference: String) -> Bool {
        let bytes = reference.utf8.span
        var index = 0
        var previous: UInt8 = 0x2F
        while index < bytes.count {
            if bytes.count >= 8 {
                // As nearly all are: eight letters and digits, the last with some before them.
                let start = min(index, bytes.count - 8)
                if areAlphanumeric(bytes, at: start) {
                    index = start + 8
                    previous = 0x30
                    continue
                }
            }
            let end = min(index + 8, bytes.count)
            while index < end {
                let byte = bytes[index]
                guard byte < 0x80, isAllowed(byte), byte != 0x2F || previous != 0x2F else {
                    return false
                }
                previous = byte
                index += 1
            }
        }
        return previous != 0x2F
    }

    /// Whether the eight bytes at `index` are letters and digits.
    @inline(__always)
    private static func areAlphanumeric(_ bytes: Span<UInt8>, at index: Int) -> Bool {
        // SAFETY: the bytes of a UInt8 are all initialised, and any eight are a word.
        let word = unsafe bytes.bytes.unsafeLoadUnaligned(
            fromByteOffset: index,
            as: UInt64.self
        )
        return ASCIIWord.isAlphanumeric(word)
    }

    /// One bit for each of the 128 ASCII characters.
    @inline(__always)
    private static func isAllowed(_ byte: UInt8) -> Bool {
        let set: UInt64 = byte < 0x40 ? 0x87FF_FB81_0000_0000 : 0x07FF_FFFE_07FF_FFFE
        return set >> UInt64(byte & 0x3F) & 1 == 1
    }
}

/// Check digits after ISO 7064 mod 97-10.
enum CheckDigits {
    /// ISO 13616: the first four characters moved to the end, letters as two digits.
    static func areValid(iban: String) -> Bool {
        let bytes = Array(iban.utf8)
        guard bytes.count > 4 else { return false }
        var remainder = 0
        for byte in bytes[4...] + bytes[..<4] {
            switch byte {
            case 0x30...0x39: remainder = (remainder * 10 + Int(byte) - 0x30) % 97
            case 0x41...0x5A: remainder = (remainder * 100 + Int(byte) - 0x41 + 10) % 97
            case 0x61...0x7A: remainder = (remainder * 100 + Int(byte) - 0x61 + 10) % 97
            default: return false
            }
        }
        return remainder == 1
    }
}

/// ITU-T E.164 as the network writes it: `+`, then 2 to 15 digits, the first not 0.
enum TelephoneNumber {
    static func isE164(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return (3...16).contains(bytes.count) && bytes[0] == 0x2B && bytes[1] != 0x30
            && bytes[1...].allSatisfy { $0 &- 0x30 < 10 }
    }
}

/// Questions about bytes and scalars, after XML 1.0 (fifth edition).
enum XMLCharacters {
    /// Passes over the whole document once: well-formed UTF-8 of characters XML allows, or an
    /// error.
    ///
    /// - Returns: Whether all of it is ASCII.
    static func check(_ document: [UInt8]) throws(XMLError) -> Bool {
        if isPlain(document.span) { return true }
        return try checkEach(document)
    }

    /// Certain that all is printable ASCII and space; eight blocks at a time, looked at one by one
    /// only where a byte of them is below the space.
    private static func isPlain(_ bytes: Span<UInt8>) -> Bool {
        let length = 8 * ByteBlock.count
        var index = 0
        while bytes.count - index >= length {
            // SAFETY: this many bytes are there.
            var others = unsafe ByteBlock(unchecked: bytes, at: index).places(notFrom: 0x20)
            for block in 1..<8 {
                let start = index &+ block &* ByteBlock.count
                // SAFETY: as above.
                let block = unsafe ByteBlock(unchecked: bytes, at: start)
                others .|= block.places(notFrom: 0x20)
            }
            if ByteBlock.isAny(others) {
                guard isPlain(bytes, index..<(index + length)) else { return false }
            }
            index += length
        }
        while let block = ByteBlock(bytes, at: index),
            !ByteBlock.isAny(block.places(notFrom: 0x20))
        {
            index += ByteBlock.count
        }
        return isPlain(bytes, index..<bytes.count)
    }

    private static func isPlain(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        for index in range {
            guard bytes[index] < 0x80, bytes[index] >= 0x20 || isSpace(bytes[index]) else {
                return false
            }
        }
        return true
    }

    private static func checkEach(_ document: [UInt8]) throws(XMLError) -> Bool {
        var isASCII = true
        var index = 0
        while index < document.count {
            let byte = document[index]
            guard byte >= 0x80 else {
                guard byte >= 0x20 || isSpace(byte) else { throw .forbiddenCharacter(at: index) }
                index += 1
                continue
            }
            guard let (scalar, length) = decodeScalar(document, at: index) else {
                throw .invalidUTF8(at: index)
            }
            guard isAllowed(scalar) else { throw .forbiddenCharacter(at: index) }
            isASCII = false
            index += length
        }
        return isASCII
    }

    /// The scalar at `index` and its bytes; `nil` for overlong, surrogate, cut or stray bytes.
    static func decodeScalar(_ bytes: [UInt8], at index: Int) -> (scalar: UInt32, length: Int)? {
        let first = bytes[index]
        let length: Int
        let least: UInt32
        var scalar: UInt32
        switch first {
        case 0..<0x80: return (UInt32(first), 1)
        case 0xC2...0xDF: (length, least, scalar) = (2, 0x80, UInt32(first & 0x1F))
        case 0xE0...0xEF: (length, least, scalar) = (3, 0x800, UInt32(first & 0x0F))
        case 0xF0...0xF4: (length, least, scalar) = (4, 0x1_0000, UInt32(first & 0x07))
        default: return nil
        }
        guard index + length <= bytes.count else { return nil }
        for offset in 1..<length {
            let byte = bytes[index + offset]
            guard byte & 0xC0 == 0x80 else { return nil }
            scalar = scalar << 6 | UInt32(byte & 0x3F)
        }
        guard scalar >= least, scalar <= 0x10_FFFF, !(0xD800...0xDFFF).contains(scalar) else {
            return nil
        }
        return (scalar, length)
    }

    /// Char: what may stand in a document at all.
    static func isAllowed(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x09, 0x0A, 0x0D, 0x20...0xD7FF, 0xE000...0xFFFD, 0x1_0000...0x10_FFFF: true
        default: false
        }
    }

    /// S: space, tab, line feed, carriage return.
    @inline(__always)
    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    @inline(__always)
    static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    /// NameStartChar without the colon.
    static func isNameStart(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x41...0x5A, 0x5F, 0x61...0x7A, 0xC0...0xD6, 0xD8...0xF6, 0xF8...0x2FF,
            0x370...0x37D, 0x37F...0x1FFF, 0x200C...0x200D, 0x2070...0x218F, 0x2C00...0x2FEF,
            0x3001...0xD7FF, 0xF900...0xFDCF, 0xFDF0...0xFFFD, 0x1_0000...0xE_FFFF:
            true
        default: false
        }
    }

    /// NameChar without the colon.
    static func isName(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x2D, 0x2E, 0x30...0x39, 0xB7, 0x300...0x36F, 0x203F...0x2040: true
        default: isNameStart(scalar)
        }
    }

    /// Appends a scalar in UTF-8. It must be one that XML allows.
    static func append(_ scalar: UInt32, to bytes: inout [UInt8]) {
        switch scalar {
        case 0..<0x80: bytes.append(UInt8(scalar))
        case 0x80..<0x800:
            bytes.append(0xC0 | UInt8(scalar >> 6))
            bytes.append(0x80 | UInt8(scalar & 0x3F))
        case 0x800..<0x1_0000:
            bytes.append(0xE0 | UInt8(scalar >> 12))
            bytes.append(0x80 | UInt8(scalar >> 6 & 0x3F))
            bytes.append(0x80 | UInt8(scalar & 0x3F))
        default:
            bytes.append(0xF0 | UInt8(scalar >> 18))
            bytes.append(0x80 | UInt8(scalar >> 12 & 0x3F))
            bytes.append(0x80 | UInt8(scalar >> 6 & 0x3F))
            bytes.append(0x80 | UInt8(scalar & 0x3F))
        }
    }
}

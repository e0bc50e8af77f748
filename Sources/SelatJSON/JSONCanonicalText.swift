/// Whether a text is, byte for byte, what reading it and writing it canonically would give, so
/// that whoever only passes it on need do neither.
///
/// A yes is certain: the text is JSON within the limits, its keys sorted. A no is not: whatever is
/// rare (escapes, characters beyond ASCII) is left to the reader.
public struct JSONCanonicalText {
    private let limits: JSONLimits
    private var index = 0
    private var values = 0

    private init(limits: JSONLimits) { self.limits = limits }

    /// True when `JSONValue(parsing: bytes, limits: limits).canonicalBytes(sortedKeys: true)` is
    /// known to be `bytes`.
    public static func holds(_ bytes: [UInt8], limits: JSONLimits = .standard) -> Bool {
        guard bytes.count <= limits.bytes else { return false }
        var text = JSONCanonicalText(limits: limits)
        return text.value(bytes.span, depth: 0) && text.index == bytes.count
    }

    /// True when `text` is of JSON's number grammar.
    static func isNumber(_ text: String) -> Bool {
        let bytes = text.utf8.span
        var reader = JSONCanonicalText(
            limits: JSONLimits(bytes: .max, depth: 1, values: 1, numberLength: .max)
        )
        return reader.number(bytes) && reader.index == bytes.count
    }

    // Each reads one thing at `index` and moves behind it, or says no.

    private mutating func value(_ bytes: Span<UInt8>, depth: Int) -> Bool {
        values += 1
        guard values <= limits.values else { return false }
        switch next(bytes) {
        case 0x22: return string(bytes) != nil
        case 0x7B: return depth < limits.depth && object(bytes, depth: depth + 1)
        case 0x5B: return depth < limits.depth && array(bytes, depth: depth + 1)
        case 0x74: return literal(bytes, "true")
        case 0x66: return literal(bytes, "false")
        case 0x6E: return literal(bytes, "null")
        default: return number(bytes)
        }
    }

    /// 0, which stands nowhere in JSON, at the end.
    @inline(__always)
    private func next(_ bytes: Span<UInt8>) -> UInt8 { index < bytes.count ? bytes[index] : 0 }

    private mutating func take(_ byte: UInt8, _ bytes: Span<UInt8>) -> Bool {
        guard next(bytes) == byte else { return false }
        index += 1
        return true
    }

    private mutating func object(_ bytes: Span<UInt8>, depth: Int) -> Bool {
        index += 1
        if take(0x7D, bytes) { return true }
        var previous = 0..<0
        repeat {
            guard next(bytes) == 0x22, let key = string(bytes),
                previous.isEmpty || isOrdered(bytes, previous, key), take(0x3A, bytes),
                value(bytes, depth: depth)
            else { return false }
            previous = key
        } while take(0x2C, bytes)
        return take(0x7D, bytes)
    }

    private mutating func array(_ bytes: Span<UInt8>, depth: Int) -> Bool {
        index += 1
        if take(0x5D, bytes) { return true }
        repeat {
            guard value(bytes, depth: depth) else { return false }
        } while take(0x2C, bytes)
        return take(0x5D, bytes)
    }

    /// Where a string without escapes stands, quotes included.
    private mutating func string(_ bytes: Span<UInt8>) -> Range<Int>? {
        let start = index
        let plain = PlainText(bytes, from: start + 1)
        index = plain.end
        guard plain.isASCII, take(0x22, bytes) else { return nil }
        return start..<index
    }

    /// Whether two keys, in their quotes, are two and in the order of their bytes. A quote would
    /// have been escaped, so that it cannot be taken for a key's character.
    private func isOrdered(
        _ bytes: Span<UInt8>,
        _ first: Range<Int>,
        _ second: Range<Int>
    ) -> Bool {
        var offset = 1
        while true {
            let isFirstOver = offset == first.count - 1
            let isSecondOver = offset == second.count - 1
            guard !isFirstOver, !isSecondOver else { return isFirstOver && !isSecondOver }
            let one = bytes[first.lowerBound + offset]
            let other = bytes[second.lowerBound + offset]
            guard one == other else { return one < other }
            offset += 1
        }
    }

    private mutating func literal(_ bytes: Span<UInt8>, _ text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard bytes.count - index >= length else { return false }
        for offset in 0..<length {
            // SAFETY: an ASCII literal has a pointer to as many bytes as it counts.
            guard unsafe text.utf8Start[offset] == bytes[index + offset] else { return false }
        }
        index += length
        return true
    }

    private mutating func number(_ bytes: Span<UInt8>) -> Bool {
        let start = index
        if next(bytes) == 0x2D { index += 1 }
        if next(bytes) == 0x30 { index += 1 } else if !digits(bytes) { return false }
        if take(0x2E, bytes), !digits(bytes) { return false }
        if next(bytes) | 0x20 == 0x65 {
            index += 1
            if next(bytes) == 0x2B || next(bytes) == 0x2D { index += 1 }
            guard digits(bytes) else { return false }
        }
        return index - start <= limits.numberLength
    }

    /// At least one digit.
    private mutating func digits(_ bytes: Span<UInt8>) -> Bool {
        let start = index
        while next(bytes) &- 0x30 < 10 { index += 1 }
        return index > start
    }
}

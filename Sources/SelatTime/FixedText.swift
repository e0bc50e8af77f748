extension [UInt8] {
    /// Appends `count` bytes at once, which `write` fills in: one check of the array for a whole
    /// value, where each byte appended by itself costs one.
    @inline(__always)
    mutating func append(count: Int, _ write: (inout FixedText) -> Void) {
        // SAFETY: the buffer is used inside the closure only, and initialised whole before it is.
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count) { buffer in
            unsafe buffer.initialize(repeating: 0x2D)
            var text = unsafe FixedText(buffer)
            write(&text)
            unsafe append(contentsOf: buffer)
        }
    }
}

/// Bytes of a known number, all hyphens until they are written.
@safe
struct FixedText {
    private let bytes: UnsafeMutableBufferPointer<UInt8>

    init(_ bytes: UnsafeMutableBufferPointer<UInt8>) { unsafe self.bytes = bytes }

    subscript(index: Int) -> UInt8 {
        get { unsafe bytes[index] }
        nonmutating set { unsafe bytes[index] = newValue }
    }

    /// The two last digits of `value`, which is 0 or more.
    @inline(__always)
    func digits(_ value: Int, at index: Int) {
        let value = value % 100
        self[index] = 0x30 &+ UInt8(truncatingIfNeeded: value / 10)
        self[index + 1] = 0x30 &+ UInt8(truncatingIfNeeded: value % 10)
    }

    /// The highest 4 or 8 hexadecimal digits of `word`, in lower case: all eight at once, each
    /// nibble in a byte of its own.
    @inline(__always)
    func hexadecimal(_ word: UInt32, digits: Int, at index: Int) {
        var nibbles = UInt64(word)
        nibbles = (nibbles | nibbles << 16) & 0x0000_FFFF_0000_FFFF
        nibbles = (nibbles | nibbles << 8) & 0x00FF_00FF_00FF_00FF
        nibbles = (nibbles | nibbles << 4) & 0x0F0F_0F0F_0F0F_0F0F
        // 1 in each byte that holds ten or more: those are letters.
        let letters = (nibbles + 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        let characters = nibbles + 0x3030_3030_3030_3030 + letters * 0x27
        for place in 0..<digits {
            self[index + place] = UInt8(truncatingIfNeeded: characters >> UInt64(56 - 8 * place))
        }
    }
}

/// Writes a batch's bytes: integers as zig-zag variable-length, words and UUIDs as they are, texts
/// and blobs with their length before them. The layout is in Specs/Protocol/Database.md.
///
/// Its memory is kept from one batch to the next. What writes a text or bytes says that it lets go
/// of no object (`releasenone`): then a caller need not take hold of each thing that it hands over.
///
/// SAFETY: `start` is allocated in `init` and in `grow`, and freed in `grow` and in `deinit`;
/// nobody can copy the writer. Every write is preceded by a `reserve` of as many bytes as it
/// takes, after which `capacity - count` is at least that; `count` bytes are initialised.
@safe
package struct BatchWriter: ~Copyable {
    private var start: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    package private(set) var count = 0

    package init(capacity: Int = 4096) {
        self.capacity = capacity
        unsafe start = UnsafeMutablePointer.allocate(capacity: capacity)
    }

    deinit { unsafe start.deallocate() }

    /// The bytes written, until `body` returns.
    package func withBytes<Value, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try unsafe body(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// Begins anew; memory that one enormous batch needed is given back.
    package mutating func removeAll() {
        count = 0
        if capacity > BatchWriter.mostKept { resize(to: BatchWriter.mostKept) }
    }

    /// In bytes: 16 MB.
    private static var mostKept: Int { 16 << 20 }

    @inline(__always)
    private mutating func reserve(_ more: Int) {
        if capacity - count < more { resize(to: max(capacity * 2, count + more)) }
    }

    @_effects(releasenone)
    @inline(never)
    private mutating func resize(to capacity: Int) {
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        unsafe larger.update(from: start, count: count)
        unsafe start.deallocate()
        unsafe start = larger
        self.capacity = capacity
    }

    @inline(__always)
    mutating func write(count value: Int) {
        reserve(10)
        var rest = UInt64(bitPattern: Int64(value))
        while rest >= 0x80 {
            unsafe start[count] = UInt8(truncatingIfNeeded: rest) | 0x80
            count &+= 1
            rest >>= 7
        }
        unsafe start[count] = UInt8(truncatingIfNeeded: rest)
        count &+= 1
    }

    @inline(__always)
    mutating func write(_ value: Int64) {
        write(count: Int(truncatingIfNeeded: value << 1 ^ value >> 63))
    }

    @inline(__always)
    mutating func write(byte: UInt8) {
        reserve(1)
        unsafe start[count] = byte
        count &+= 1
    }

    @inline(__always)
    mutating func write(_ flag: Bool) { write(byte: flag ? 1 : 0) }

    /// Eight bytes, big-endian: for words that are random and would only grow.
    @inline(__always)
    mutating func write(word: UInt64) {
        reserve(8)
        unsafe UnsafeMutableRawPointer(start + count)
            .storeBytes(of: word.bigEndian, as: UInt64.self)
        count &+= 8
    }

    @_effects(releasenone)
    mutating func write(_ text: String) {
        // A span takes no reference to the text, where a view of its bytes would.
        let bytes = text.utf8.span
        unsafe bytes.withUnsafeBytes { bytes in unsafe write(counted: bytes) }
    }

    @_effects(releasenone)
    mutating func write(_ blob: [UInt8]) {
        unsafe blob.withUnsafeBytes { bytes in unsafe write(counted: bytes) }
    }

    /// How many, then the bytes. Most are few.
    @inline(__always)
    private mutating func write(counted bytes: UnsafeRawBufferPointer) {
        reserve(10 + bytes.count)
        if bytes.count < 0x80 {
            unsafe start[count] = UInt8(truncatingIfNeeded: bytes.count)
            count &+= 1
        } else {
            write(count: bytes.count)
        }
        guard let source = bytes.baseAddress else { return }
        unsafe UnsafeMutableRawPointer(start + count)
            .copyMemory(from: source, byteCount: bytes.count)
        count &+= bytes.count
    }

    /// A text's UTF-8, without its length.
    package mutating func append(_ text: String) {
        let bytes = text.utf8.span
        unsafe bytes.withUnsafeBytes { bytes in unsafe append(bytes) }
    }

    /// Bytes as they are.
    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        reserve(bytes.count)
        unsafe UnsafeMutableRawPointer(start + count)
            .copyMemory(from: source, byteCount: bytes.count)
        count &+= bytes.count
    }

    /// As many bytes as `fill` answers that it wrote, at most `most`.
    package mutating func append(atMost most: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Int) {
        reserve(most)
        let written = unsafe fill(UnsafeMutableRawBufferPointer(start: start + count, count: most))
        precondition((0...most).contains(written), "nothing is written behind the end")
        count &+= written
    }

    /// Presence, then the value.
    @inline(__always)
    mutating func write<Value>(
        optional value: Value?,
        _ body: (inout BatchWriter, Value) -> Void
    ) {
        write(value != nil)
        if let value { body(&self, value) }
    }

    /// How many, then each.
    @inline(__always)
    mutating func write<Element>(
        each elements: [Element],
        _ body: (inout BatchWriter, borrowing Element) -> Void
    ) {
        write(count: elements.count)
        let elements = elements.span
        for index in elements.indices { body(&self, elements[index]) }
    }

    /// How many, then each where it stands: a wide value would be copied to be handed over.
    @inline(__always)
    mutating func write<Element>(
        eachOf elements: [Element],
        _ body: (inout BatchWriter, Span<Element>, Int) -> Void
    ) {
        write(count: elements.count)
        let elements = elements.span
        for place in elements.indices { body(&self, elements, place) }
    }
}

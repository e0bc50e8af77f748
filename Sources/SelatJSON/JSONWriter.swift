/// Writes JSON straight into bytes: no white space, members in the order they are written.
///
///     var writer = JSONWriter()
///     writer.object {
///         $0.member("quoteId", id)
///         $0.array("quotes") { ... }
///     }
///     send(writer.bytes)
public struct JSONWriter: Sendable {
    /// What is written so far.
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// - Parameter capacity: Bytes to set aside at once.
    public init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    // MARK: Values

    /// Writes a whole value; the members of its objects in the order they have.
    public mutating func value(_ value: JSONValue) { write(value, sortedKeys: false) }

    /// Writes a string, escaping only what must be: `"`, `\` and control characters.
    public mutating func string(_ text: String) { quoted(text, isKey: false) }

    /// Writes a whole number.
    public mutating func integer(_ value: some BinaryInteger) {
        separate()
        append(String(value).utf8.span)
    }

    /// Writes `true` or `false`.
    public mutating func bool(_ truth: Bool) {
        separate()
        bytes.append(contentsOf: (truth ? "true" : "false").utf8)
    }

    /// Writes `null`.
    public mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
    }

    /// Writes an object whose members `content` writes.
    public mutating func object(_ content: (inout JSONWriter) -> Void) {
        separate()
        enclose(0x7B, 0x7D, content)
    }

    /// Writes an array whose elements `content` writes.
    public mutating func array(_ content: (inout JSONWriter) -> Void) {
        separate()
        enclose(0x5B, 0x5D, content)
    }

    // MARK: Members

    /// Writes a member's name; its value must follow.
    public mutating func key(_ name: String) { quoted(name, isKey: true) }

    /// Writes the member `name` with a string.
    public mutating func member(_ name: String, _ text: String) {
        key(name)
        string(text)
    }

    /// Writes the member `name` with the characters that `write` appends: `length` at most, and
    /// none that must be escaped.
    public mutating func member(
        _ name: String,
        atMost length: Int,
        _ write: (inout OutputSpan<UInt8>) -> Void
    ) {
        key(name)
        bytes.append(addingCapacity: length + 2) { room in
            room.append(0x22)
            write(&room)
            room.append(0x22)
        }
        needsComma = true
    }

    /// Writes the member `name` with a whole number.
    public mutating func member(_ name: String, _ number: some BinaryInteger) {
        key(name)
        integer(number)
    }

    /// Writes the member `name` with `true` or `false`.
    public mutating func member(_ name: String, _ truth: Bool) {
        key(name)
        bool(truth)
    }

    /// Writes the member `name` unless there is nothing to write.
    public mutating func member(ifPresent name: String, _ text: String?) {
        if let text { member(name, text) }
    }

    /// Writes the member `name` with an object.
    public mutating func object(_ name: String, _ content: (inout JSONWriter) -> Void) {
        key(name)
        object(content)
    }

    /// Writes the member `name` with an array.
    public mutating func array(_ name: String, _ content: (inout JSONWriter) -> Void) {
        key(name)
        array(content)
    }

    /// Writes a value that is written already: `text` is canonical JSON.
    public mutating func written(_ text: [UInt8]) {
        separate()
        bytes.append(contentsOf: text)
    }

    // MARK: Parts

    private mutating func separate() {
        if needsComma { bytes.append(0x2C) }
        needsComma = true
    }

    private mutating func enclose(
        _ opening: UInt8,
        _ closing: UInt8,
        _ content: (inout JSONWriter) -> Void
    ) {
        bytes.append(opening)
        needsComma = false
        content(&self)
        precondition(bytes.last != 0x3A, "a JSON member was named and given no value")
        bytes.append(closing)
        needsComma = true
    }

    /// Writes a text in quotes, with the comma before it or the colon behind it.
    private mutating func quoted(_ text: String, isKey: Bool) {
        let utf8 = text.utf8.span
        let isPlain = PlainText(utf8, from: 0).end == utf8.count
        guard isPlain else {
            separate()
            appendEscaped(utf8)
            if isKey { bytes.append(0x3A) }
            needsComma = !isKey
            return
        }
        let follows = needsComma
        bytes.append(addingCapacity: utf8.count + 4) { room in
            if follows { room.append(0x2C) }
            room.append(0x22)
            room.append(copying: utf8)
            room.append(0x22)
            if isKey { room.append(0x3A) }
        }
        needsComma = !isKey
    }

    private mutating func appendEscaped(_ utf8: Span<UInt8>) {
        bytes.append(0x22)
        var written = 0
        while true {
            let plain = PlainText(utf8, from: written).end
            append(utf8.extracting(written..<plain))
            guard plain < utf8.count else { break }
            appendEscape(utf8[plain])
            written = plain + 1
        }
        bytes.append(0x22)
    }

    private mutating func append(_ run: Span<UInt8>) {
        // SAFETY: the buffer is used inside the closure only.
        unsafe run.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    }

    private mutating func appendEscape(_ byte: UInt8) {
        bytes.append(0x5C)
        switch byte {
        case 0x08: bytes.append(0x62)
        case 0x09: bytes.append(0x74)
        case 0x0A: bytes.append(0x6E)
        case 0x0C: bytes.append(0x66)
        case 0x0D: bytes.append(0x72)
        case 0x22, 0x5C: bytes.append(byte)
        default:
            bytes.append(contentsOf: [0x75, 0x30, 0x30, 0x30 + (byte >> 4)])
            let low = byte & 15
            bytes.append(low < 10 ? 0x30 + low : 0x57 + low)
        }
    }

    fileprivate mutating func write(_ value: JSONValue, sortedKeys: Bool) {
        switch value {
        case .null: null()
        case .bool(let truth): bool(truth)
        case .number(let text):
            precondition(
                JSONReader.isNumber(text),
                "a JSON number must be of JSON's grammar"
            )
            separate()
            append(text.utf8.span)
        case .string(let text): string(text)
        case .array(let elements):
            array { writer in
                for element in elements { writer.write(element, sortedKeys: sortedKeys) }
            }
        case .object(let members):
            object { writer in
                let places = sortedKeys ? members.placesByKey : nil
                for index in members.indices {
                    let place = places?[index] ?? index
                    writer.key(members[place].key)
                    writer.write(members[place].value, sortedKeys: sortedKeys)
                }
            }
        }
    }
}

extension JSONValue {
    /// This value's one text: no white space, least escaping, numbers as they are.
    ///
    /// - Parameter sortedKeys: Orders the members of every object by the UTF-8 bytes of their
    ///   keys, so that equal content gives equal bytes whoever wrote it; otherwise as they are.
    /// - Returns: The bytes, UTF-8.
    public func canonicalBytes(sortedKeys: Bool) -> [UInt8] {
        var writer = JSONWriter()
        writer.write(self, sortedKeys: sortedKeys)
        return writer.bytes
    }
}

extension OutputSpan<UInt8> {
    /// Appends bytes; there must be room for them.
    @inline(__always)
    fileprivate mutating func append(copying run: Span<UInt8>) {
        precondition(run.count <= freeCapacity, "room is made before bytes are written")
        // SAFETY: there is room, as just checked; neither buffer leaves its closure.
        unsafe withUnsafeMutableBufferPointer { buffer, count in
            unsafe run.withUnsafeBufferPointer { run in
                guard let source = run.baseAddress, let target = buffer.baseAddress else { return }
                unsafe (target + count).initialize(from: source, count: run.count)
                count += run.count
            }
        }
    }
}

extension [JSONMember] {
    /// The places of the members in the order of their keys; `nil` where they have that order.
    fileprivate var placesByKey: [Int]? {
        for index in indices.dropFirst() where precedes(index, index - 1) {
            return indices.sorted { precedes($0, $1) }
        }
        return nil
    }

    private func precedes(_ one: Int, _ other: Int) -> Bool {
        let (first, second) = (self[one].key.utf8.span, self[other].key.utf8.span)
        return first.precedes(second)
    }
}

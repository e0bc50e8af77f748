internal import SelatXML

/// Reads one message in the schema's order; generated code says in which.
///
/// Faults against the schema are thrown at once (FF01). Faults against the network's use of a
/// valid document (CH21 and others) are deferred, so that the schema's come first whatever the
/// order in the document.
struct MessageDecoder: ~Copyable {
    /// Deferred faults kept; the answer names one, an operator reads a few.
    static let deferredLimit = 16
    /// ISO: the only attribute of these messages, on every amount.
    static let currencyAttribute: StaticString = "Ccy"

    private(set) var scanner: XMLScanner
    private(set) var deferred: [MessageFault] = []

    /// Reads up to the document element.
    init(_ bytes: [UInt8]) throws(XMLError) {
        scanner = try XMLScanner(bytes, attribute: MessageDecoder.currencyAttribute)
    }

    /// Whether the element ahead has this name.
    @inline(__always)
    mutating func isAt(_ tag: XMLTag) throws(MessageFault) -> Bool {
        do throws(XMLError) { return try scanner.isAt(tag) } catch { throw .document(error) }
    }

    /// Whether an end tag is ahead, as far as it is known.
    @inline(__always)
    var isAtEndTag: Bool { scanner.isAtEndTag }

    /// The schema demands this element here.
    @inline(__always)
    mutating func require(_ tag: XMLTag) throws(MessageFault) {
        guard try isAt(tag) else { throw .missing(tag.name, before: scanner.position, .ff01) }
    }

    /// The network demands this element here, though the schema does not.
    @inline(never)
    mutating func miss(_ tag: XMLTag) {
        deferFault(.missing(tag.name, before: scanner.position, .ch21))
    }

    /// None of a choice's alternatives is ahead.
    func noAlternative(_ first: XMLTag) -> MessageFault {
        .missing(first.name, before: scanner.position, .ff01)
    }

    /// Enters the element ahead, which `isAt` or `require` has found, as have the readers below.
    @inline(__always)
    mutating func open(_ tag: XMLTag) throws(MessageFault) -> XMLScanner.OpenElement {
        do throws(XMLError) { return try scanner.open(tag) } catch { throw .document(error) }
    }

    /// Leaves the element entered last; nothing of it may be left.
    @inline(__always)
    mutating func close(
        _ tag: XMLTag,
        _ element: XMLScanner.OpenElement
    ) throws(MessageFault) {
        do throws(XMLError) { try scanner.close(tag, element) } catch { throw .document(error) }
    }

    /// Nothing but comments may follow.
    mutating func finish() throws(MessageFault) {
        do throws(XMLError) { try scanner.finish() } catch { throw .document(error) }
    }

    /// The text of the element ahead.
    @inline(__always)
    mutating func content(_ tag: XMLTag) throws(MessageFault) -> XMLText {
        do throws(XMLError) { return try scanner.text(tag) } catch { throw .document(error) }
    }

    /// The text of the element ahead and the currency in its start tag.
    @inline(__always)
    mutating func contentAndCurrency(
        _ tag: XMLTag
    ) throws(MessageFault) -> (attribute: XMLText?, text: XMLText) {
        do throws(XMLError) {
            return try scanner.attributedText(tag)
        } catch {
            throw .document(error)
        }
    }

    /// What `read` makes of the text deep in the element ahead; `nil`, with nothing read, where
    /// that is to be read element by element.
    @inline(__always)
    mutating func nested<Value>(
        _ tag: XMLTag,
        _ nest: XMLNest,
        _ read: (Span<UInt8>) -> Value?
    ) -> Value? {
        scanner.nested(tag, nest, read)
    }

    /// What `read` makes of the text of the element ahead; it says `nil` to what the schema forbids.
    @inline(__always)
    mutating func value<Value>(
        _ tag: XMLTag,
        _ expected: @autoclosure () -> String,
        _ read: (Span<UInt8>) -> Value?
    ) throws(MessageFault) -> Value {
        let start = scanner.position
        let text = try content(tag)
        guard let value = scanner.read(text, read) else {
            throw .value(at: start, .ff01, expected: expected(), found: "something else")
        }
        return value
    }

    /// Notes a fault against the network's use of the schema.
    @inline(never)
    mutating func deferFault(_ fault: MessageFault) {
        guard deferred.count < MessageDecoder.deferredLimit else { return }
        deferred.append(fault)
    }
}

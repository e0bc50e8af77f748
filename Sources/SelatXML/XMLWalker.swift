/// Walks over the elements of a document without a schema, for reports about documents already
/// refused: where was it, and what could still be read?
///
/// Keeps to the same limits as the scanner and stops at the first fault.
public struct XMLWalker: Sendable {
    /// One element around the present place.
    public struct Level: Hashable, Sendable {
        /// The local name.
        public let name: String
        /// From 1, among the siblings of the same name.
        public let position: Int
    }

    /// What a step came upon. Offsets are of the first byte of the tag.
    public enum Step: Sendable {
        /// An element with children, now the last of `path`.
        case element(start: Int)
        /// An element with text only, now the last of `path`; `end` is where the next tag starts.
        case text(ArraySlice<UInt8>, start: Int, end: Int)
        /// The end tag of the last of `path`.
        case end(start: Int)
    }

    /// From the document element inwards.
    public private(set) var path: [Level] = []
    private var siblings: [[String: Int]] = [[:]]
    private var elements: [XMLScanner.OpenElement] = []
    private var scanner: XMLScanner?
    private var leavesLast = false

    /// Starts before the document element; the attribute is the one `XMLScanner` is to take.
    public init(_ document: [UInt8], attribute: StaticString, limits: XMLLimits = XMLLimits()) {
        do throws(XMLError) {
            scanner = try XMLScanner(document, attribute: attribute, limits: limits)
        } catch {
            scanner = nil
        }
    }

    /// The next element or end tag; `nil` at the end and from the first fault on.
    public mutating func step() -> Step? {
        if leavesLast {
            path.removeLast()
            leavesLast = false
            if path.isEmpty { scanner = nil }
        }
        advance { scanner throws(XMLError) in try scanner.look() }
        guard let scanner else { return nil }
        let start = scanner.position
        guard scanner.next != .none else {
            let element = elements.removeLast()
            advance { scanner throws(XMLError) in try scanner.close(element) }
            siblings.removeLast()
            leavesLast = true
            return .end(start: start)
        }
        enter(scanner.nameAhead)
        var leaf = scanner
        do throws(XMLError) {
            let text = try leaf.text(takesAttribute: true)
            try leaf.look()
            self.scanner = leaf
            leavesLast = true
            return .text(leaf.bytes(of: text), start: start, end: leaf.position)
        } catch {
            // No text element, or a fault behind it: taken for one with children.
            var opened: XMLScanner.OpenElement?
            advance { scanner throws(XMLError) in opened = try scanner.push() }
            if let opened { elements.append(opened) }
            siblings.append([:])
            return .element(start: start)
        }
    }

    /// Moves on; there is no next step after a fault.
    private mutating func advance(_ move: (inout XMLScanner) throws(XMLError) -> Void) {
        guard var moved = scanner else { return }
        do throws(XMLError) {
            try move(&moved)
            scanner = moved
        } catch {
            scanner = nil
        }
    }

    private mutating func enter(_ name: String) {
        let position = (siblings[siblings.count - 1][name] ?? 0) + 1
        siblings[siblings.count - 1][name] = position
        path.append(Level(name: name, position: position))
    }
}

extension XMLScanner {
    fileprivate var nameAhead: String {
        let name = document[nameStart..<nameEnd]
        let local = name.lastIndex(of: 0x3A).map { name[($0 + 1)...] } ?? name
        return String(decoding: local, as: UTF8.self)
    }
}

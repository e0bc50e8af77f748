import Foundation
import SelatISO20022
import SelatTime
import Testing

@Suite(.enabled(if: Corpus.directory != nil, "no message corpus beside the package"))
struct HostileInputTests {
    static let bases = [
        "pacs008-source-leg-SG-TH", "pacs002-rjct-ac04", "acmt023-proxy-mobile",
        "acmt024-positive-masked",
    ]

    @Test(arguments: bases)
    func everyTruncationIsRefused(base: String) throws {
        let bytes = try Corpus.sample("valid", base)
        let end = try #require(bytes.lastIndex(of: UInt8(ascii: ">")))
        for length in 0...end {
            #expect(throws: MessageError.self, "\(length) bytes") {
                try ISOMessage.decode(Array(bytes[..<length]))
            }
        }
        #expect(throws: Never.self) { try ISOMessage.decode(Array(bytes[...end])) }
    }

    /// White space around a date is no part of it (XML Schema part 2, 4.3.6: collapse). libxml2
    /// 2.9, which validates what is kept, refuses it nevertheless.
    private static func hasBlankBesideDate(_ document: [UInt8]) -> Bool {
        let text = String(decoding: document, as: UTF8.self)
        return text.contains(#/(Dt|Tm)>\s+[0-9]|[0-9Z]\s+</([A-Za-z]+:)?[A-Za-z]*(Dt|Tm)>/#)
    }

    @Test(arguments: bases, UInt64(1)...10)
    func flippedBytesAreRefusedOrReadAsWritten(base: String, seed: UInt64) throws {
        var random = SeededGenerator(seed: seed, stream: base)
        let bytes = try Corpus.sample("valid", base)
        var kept = 0
        for round in 0..<400 {
            var mutant = bytes
            for _ in 0..<(1 + random.next() % 3) {
                mutate(&mutant, &random)
            }
            guard let message = try? ISOMessage.decode(mutant) else { continue }
            #expect(try ISOMessage.decode(message.encode()) == message, "seed \(seed), \(round)")
            _ = message.violations()
            // What we take, the official schema must take: CI validates these bytes.
            if kept < 20, !Self.hasBlankBesideDate(mutant) {
                try keep(mutant, message.kind, "mutant-\(base)-\(seed)-\(round)")
                kept += 1
            }
        }
    }

    private static let tokens = [
        "<", ">", "/", "&", "&amp;", "&#13;", "&#x0;", "]]>", "<![CDATA[", "<!--", "-->", "<?x?>",
        "\"", "'", " ", "\r\n", "é", "\u{0}", "xmlns=\"x\"", " Ccy=\"SGD\"", "0", "-", "Z",
        "+00:00",
    ]

    private func mutate(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        let position = Int(random.next() % UInt64(bytes.count))
        switch random.next() % 4 {
        case 0: bytes[position] ^= 1 << UInt8(random.next() % 8)
        case 1: bytes.remove(at: position)
        case 2: bytes.insert(bytes[Int(random.next() % UInt64(bytes.count))], at: position)
        default:
            let token = HostileInputTests.tokens[
                Int(random.next() % UInt64(HostileInputTests.tokens.count))
            ]
            bytes.insert(contentsOf: token.utf8, at: position)
        }
    }

    private func keep(_ bytes: [UInt8], _ kind: MessageKind, _ name: String) throws {
        guard let path = ProcessInfo.processInfo.environment["SELAT_EMITTED"] else { return }
        let folder = URL(fileURLWithPath: path).appending(path: kind.rawValue)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(bytes).write(to: folder.appending(path: name + ".xml"))
    }

    @Test func documentOfTheGreatestLengthIsReadAndOneByteMoreRefused() throws {
        var bytes = try Corpus.sample("valid", "pacs002-accc")
        bytes += [UInt8](repeating: 0x20, count: 65_536 - bytes.count)
        #expect(throws: Never.self) { try ISOMessage.decode(bytes) }
        bytes.append(0x20)
        let error = #expect(throws: MessageError.self) { try ISOMessage.decode(bytes) }
        #expect(error?.first.reason == .ff01)
        #expect(error?.first.expected == "at most 65536 bytes")
    }

    @Test(arguments: [
        "<a>", "<a b=\"c\">", "<!-- -", "<![CDATA[", "&#", "<?x", "<a:b", "]]>", "é", "\u{1}",
    ])
    func repeatedSyntaxIsRefusedAtOnce(piece: String) {
        let text = String(repeating: piece, count: 60_000 / piece.utf8.count)
        #expect(throws: MessageError.self) { try ISOMessage.decode(Array(text.utf8)) }
        let wrapped = "<Document xmlns=\"\(MessageKind.creditTransfer.namespace)\">" + text
        #expect(throws: MessageError.self) { try ISOMessage.decode(Array(wrapped.utf8)) }
    }
}

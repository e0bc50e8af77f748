import CLibXML2
import Foundation
import SelatISO20022
import SelatWire

/// Prints, as one JSON document, what the stages of a payment cost beside a reference measured in
/// the same run: `stage-cost DIRECTORY FILE...`. The files are messages, a pacs.008 the first; a
/// development authority is made in the directory, which must not exist.
@main
enum StageCost {
    static func main() throws {
        var stages: [Stage] = []
        let messages = try CommandLine.arguments.dropFirst(2).map { path in
            try ISOMessage.decode([UInt8](try Data(contentsOf: URL(fileURLWithPath: path))))
        }
        guard let first = messages.first else { fatalError("usage: stage-cost DIRECTORY FILE...") }
        for message in messages { stages += measure(message) }
        // What goes over a link is the canonical text.
        let text = first.encode()
        stages += decisions(text)
        stages += try transport(text, directory: CommandLine.arguments[1])
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        print(String(decoding: try encoder.encode(stages), as: UTF8.self))
    }

    /// Each role's decision, beside the parse of one pacs.008: they are of one order.
    private static func decisions(_ text: [UInt8]) -> [Stage] {
        let (parsed, _) = Stopwatch.sideBySide({ parse(text) }, { parse(text) })
        return DecisionCost.measure(payments: 400).map { decision in
            Stage(
                message: decision.name,
                bytes: text.count,
                stage: "decide",
                microseconds: decision.microseconds,
                reference: "libxml2 SAX parse of a pacs.008",
                referenceMicroseconds: parsed
            )
        }
    }

    private static func transport(_ text: [UInt8], directory: String) throws -> [Stage] {
        let cost = try TransportCost(directory: directory)
        let records = try cost.records(text)
        let sockets = try cost.sockets(text, answer: 300, exchanges: 30_000)
        return [
            Stage(
                message: "pacs.008",
                bytes: text.count,
                stage: "TLS",
                microseconds: records.0,
                reference: "a copy of the same bytes",
                referenceMicroseconds: records.1
            ),
            Stage(
                message: "pacs.008 and 300 bytes back",
                bytes: text.count,
                stage: "socket with TLS",
                microseconds: sockets.0,
                reference: "the same socket without",
                referenceMicroseconds: sockets.1
            ),
        ]
    }

    private static func parse(_ text: [UInt8]) -> Bool {
        unsafe text.withUnsafeBytes { text in
            unsafe selat_sax_parse(text.baseAddress, Int32(text.count)) > 0
        }
    }

    private static func measure(_ message: ISOMessage) -> [Stage] {
        let text = message.encode()
        let frame = MessageFrame(
            sequence: 7,
            kind: .customerCreditTransfer,
            from: PartyName(checked: "KRNJSGS0"),
            to: PartyName(checked: "sg"),
            payload: text
        )
        var wire: [UInt8] = []
        FrameEncoder.append(frame, to: &wire)
        let name = message.kind.messageNameIdentification

        func stage(
            _ stage: String,
            _ reference: String,
            _ body: () -> Bool,
            _ other: () -> Bool
        )
            -> Stage
        {
            let (took, referenceTook) = Stopwatch.sideBySide(body, other)
            return Stage(
                message: name,
                bytes: text.count,
                stage: stage,
                microseconds: took,
                reference: reference,
                referenceMicroseconds: referenceTook
            )
        }
        var buffer: [UInt8] = []
        func copy() -> Bool {
            buffer.removeAll(keepingCapacity: true)
            buffer.append(contentsOf: wire)
            return buffer.count == wire.count
        }
        let sax = "libxml2 SAX parse of the same bytes"
        return [
            stage("decode", sax, { (try? ISOMessage.decode(text)) != nil }, { parse(text) }),
            stage("validate", sax, { message.violations().isEmpty }, { parse(text) }),
            stage("encode", sax, { message.encode().count == text.count }, { parse(text) }),
            stage(
                "frame",
                "a copy of the same bytes",
                {
                    var out: [UInt8] = []
                    FrameEncoder.append(frame, to: &out)
                    var decoder = FrameDecoder(limit: 131_072)
                    var place = 0
                    return (try? decoder.next(out.span, from: &place)) != nil
                },
                copy
            ),
        ]
    }
}

/// One line of the table.
struct Stage: Encodable {
    let message: String
    let bytes: Int
    let stage: String
    let microseconds: Double
    let reference: String
    let referenceMicroseconds: Double
}

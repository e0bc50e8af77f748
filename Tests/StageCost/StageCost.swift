import CLibXML2
import Foundation
import SelatISO20022
import SelatWire

/// Prints, as one JSON document, what the stages of one message cost beside a reference measured
/// in the same run: `stage-cost FILE...`.
///
/// CPU time of this thread; stage and reference take turns, and the smallest of several rounds is
/// the least disturbed by other work on the machine.
@main
enum StageCost {
    static func main() throws {
        var stages: [Stage] = []
        for path in CommandLine.arguments.dropFirst() {
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
            stages += try measure(bytes)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        print(String(decoding: try encoder.encode(stages), as: UTF8.self))
    }

    private static func measure(_ bytes: [UInt8]) throws -> [Stage] {
        let message = try ISOMessage.decode(bytes)
        // What goes over a link is the canonical text.
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
            let (took, referenceTook) = sideBySide(body, other)
            return Stage(
                message: name,
                bytes: text.count,
                stage: stage,
                microseconds: took,
                reference: reference,
                referenceMicroseconds: referenceTook
            )
        }
        func parse() -> Bool {
            unsafe text.withUnsafeBytes { text in
                unsafe selat_sax_parse(text.baseAddress, Int32(text.count)) > 0
            }
        }
        var buffer: [UInt8] = []
        func copy() -> Bool {
            buffer.removeAll(keepingCapacity: true)
            buffer.append(contentsOf: wire)
            return buffer.count == wire.count
        }
        let sax = "libxml2 SAX parse of the same bytes"
        return [
            stage("decode", sax, { (try? ISOMessage.decode(text)) != nil }, parse),
            stage("validate", sax, { message.violations().isEmpty }, parse),
            stage("encode", sax, { message.encode().count == text.count }, parse),
            stage(
                "frame",
                "a copy of the same bytes",
                {
                    var out: [UInt8] = []
                    FrameEncoder.append(frame, to: &out)
                    var decoder = FrameDecoder(limit: 131_072)
                    decoder.append(out)
                    return (try? decoder.next()) != nil
                },
                copy
            ),
        ]
    }

    /// Microseconds of each, the smallest of rounds taken in turn.
    private static func sideBySide(
        _ body: () -> Bool,
        _ other: () -> Bool
    ) -> (Double, Double) {
        var best = (Double.infinity, Double.infinity)
        for _ in 0..<15 {
            best.0 = min(best.0, round(body))
            best.1 = min(best.1, round(other))
        }
        return best
    }

    private static func round(_ body: () -> Bool) -> Double {
        let repetitions = 1000
        let start = now()
        for _ in 0..<repetitions {
            guard body() else { fatalError("a stage failed on a message that it had read before") }
        }
        return Double(now() - start) / Double(repetitions) / 1000
    }

    /// Nanoseconds of this thread's CPU.
    private static func now() -> Int {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
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

import Foundation
import SelatISO20022
import SelatJSON
import SelatWire

/// libFuzzer over everything that reads a peer's bytes: `.ci/fuzz` builds and runs it.
///
/// SELAT_FUZZ picks the reader: `messages` (all four kinds, with profile rules and reports),
/// `json`, or `frames`. A crash, a trap or a broken promise is a finding.
@main
enum SelatFuzz {
    static func main() {
        var count = CommandLine.argc
        var arguments = unsafe CommandLine.unsafeArgv
        let test: FuzzTest
        switch ProcessInfo.processInfo.environment["SELAT_FUZZ"] ?? "messages" {
        case "messages":
            unsafe test = { unsafe SelatFuzz.messages(SelatFuzz.input($0, $1)) }
        case "json":
            unsafe test = { unsafe SelatFuzz.json(SelatFuzz.input($0, $1)) }
        case "frames":
            unsafe test = { unsafe SelatFuzz.frames(SelatFuzz.input($0, $1)) }
        case let other:
            print("SELAT_FUZZ: expected messages, json or frames, got \(other)")
            exit(2)
        }
        exit(unsafe runFuzzer(&count, &arguments, test))
    }

    /// What is read is written and read again as the same; what is refused has a reason and path.
    private static func messages(_ bytes: [UInt8]) -> CInt {
        do throws(MessageError) {
            let message = try ISOMessage.decode(bytes)
            let written = message.encode()
            // Escapes can make a document longer than the limit that let it in.
            guard written.count <= 65_536 else { return 0 }
            let again = try ISOMessage.decode(written)
            precondition(again == message, "a written message reads as it was")
            precondition(again.encode() == written, "there is one spelling for one value")
            for violation in message.violations() {
                precondition(violation.path.text.hasPrefix("/Document/"), "violations have a path")
            }
        } catch {
            precondition(error.first.path.text.hasPrefix("/"), "refusals have a path")
        }
        return 0
    }

    private static func json(_ bytes: [UInt8]) -> CInt {
        guard let value = try? JSONValue(parsing: bytes) else {
            precondition(!JSONCanonicalText.holds(bytes), "what is canonical can be read")
            return 0
        }
        let canonical = value.canonicalBytes(sortedKeys: true)
        precondition(JSONCanonicalText.holds(canonical) || canonical.contains(0x5C))
        precondition(canonical == bytes || !JSONCanonicalText.holds(bytes), "and is as written")
        var writer = JSONWriter()
        writer.value(value)
        precondition((try? JSONValue(parsing: writer.bytes)) == value, "JSON reads as written")
        return 0
    }

    /// Frames come the same in one piece and byte by byte.
    private static func frames(_ bytes: [UInt8]) -> CInt {
        var whole = FrameDecoder(limit: 4096)
        var dripped = FrameDecoder(limit: 4096)
        var expected: [Frame] = []
        var place = 0
        while let frame = try? whole.next(bytes.span, from: &place) { expected.append(frame) }
        var found: [Frame] = []
        for byte in bytes {
            let one = [byte]
            place = 0
            while let frame = try? dripped.next(one.span, from: &place) { found.append(frame) }
        }
        precondition(found == expected, "frames do not depend on how the bytes are cut")
        return 0
    }

    private static func input(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> [UInt8] {
        // SAFETY: libFuzzer owns `count` bytes at `bytes` for the length of the call.
        unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
    }
}

/// What libFuzzer calls with every input.
typealias FuzzTest = @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt

/// libFuzzer's own main loop; the sanitizer's runtime library has it.
@_silgen_name("LLVMFuzzerRunDriver")
func runFuzzer(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ test: FuzzTest
) -> CInt

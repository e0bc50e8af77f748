import Foundation
import SelatISO20022

/// Prints what reading and writing one message costs, in CPU time: `message-cost FILE...`.
///
/// The smallest of several rounds is the least disturbed by other work on the machine.
@main
enum MessageCost {
    static func main() throws {
        for path in CommandLine.arguments.dropFirst() {
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
            let message = try ISOMessage.decode(bytes)
            let compact = message.encode()
            let name = URL(fileURLWithPath: path).lastPathComponent
            try report("\(name) decode", bytes.count) { _ = try ISOMessage.decode(bytes) }
            try report("\(name) decode compact", compact.count) {
                _ = try ISOMessage.decode(compact)
            }
            report("\(name) profile rules", bytes.count) { _ = message.violations() }
            var buffer: [UInt8] = []
            report("\(name) encode", compact.count) {
                buffer.removeAll(keepingCapacity: true)
                message.encode(into: &buffer)
            }
        }
    }

    private static func report(_ what: String, _ bytes: Int, _ body: () throws -> Void) rethrows {
        let rounds = 15
        let repetitions = 2000
        var best = Double.infinity
        for _ in 0..<rounds {
            let start = clock()
            for _ in 0..<repetitions { try body() }
            best = min(best, Double(clock() - start) / Double(CLOCKS_PER_SEC))
        }
        let microseconds = best / Double(repetitions) * 1_000_000
        print("\(what): \(String(format: "%.2f", microseconds)) us, \(bytes) bytes")
    }
}

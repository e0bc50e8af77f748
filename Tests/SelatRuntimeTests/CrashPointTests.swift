import Dispatch
import Foundation
import SelatJSON
import SelatMoney
import SelatNode
import SelatRuntime
import SelatScheme
import Testing

/// The product that the tests start, beside the tests themselves.
enum SelatProgram {
    static let path: String = {
        let root = TopologyTests.folder + "../"
        let paths = ["release", "debug"].map { root + ".build/\($0)/selat" }
        return paths.first { FileManager.default.isExecutableFile(atPath: $0) } ?? paths[0]
    }()

    static var isBuilt: Bool {
        let isThere = FileManager.default.isExecutableFile(atPath: path)
        if !isThere { print("SKIPPED, LOUDLY: no \(path); crash points are not tried") }
        return isThere
    }
}

/// A node that dies at any of its crash points comes back and ends the payment: six nodes in this
/// process, the seventh a real `selat run` that kills itself with SIGKILL.
@Suite(.serialized, .enabled(if: SelatProgram.isBuilt, "build the product 'selat' first"))
struct CrashPointTests {
    /// Who dies, where, and at which passage.
    struct Case: CustomTestStringConvertible, Sendable {
        let victim: String
        let point: CrashPoint
        let passage: Int

        var testDescription: String { "\(victim) at \(point.rawValue):\(passage)" }
    }

    private static let points: [CrashPoint] = [
        .afterReceive, .beforeFetch, .beforeCommit, .afterCommit, .beforeWrite, .afterWrite,
    ]

    /// Passages that a payment from Singapore to Thailand makes for certain.
    private static let cases =
        ["hub", "ips-th", "ips-sg"].flatMap { victim in
            points.flatMap { point in
                (1...2).map { Case(victim: victim, point: point, passage: $0) }
            }
        } + points.map { Case(victim: "fx-merlion", point: $0, passage: 1) }

    @Test(arguments: ["hub", "ips-th", "ips-sg", "fx-merlion"])
    func paymentsSurviveADeathAtEveryPoint(_ victim: String) throws {
        let region = try StraitRegion()
        #expect(try region.until { try region.isLinked() })
        #expect(try StraitTests.hasRates(region))
        for (index, example) in Self.cases.enumerated() where example.victim == victim {
            // How many batches a payment takes depends on what meets in them; three payments
            // make every passage certain.
            let payments = try (0..<3).map { number in
                try TestPayment.quoted(
                    in: region,
                    node: "ips-sg",
                    debtor: ("MRLNSGS0", "3920017745"),
                    creditor: ("LTUSTHB0", "0887124455"),
                    amount: Money(minorUnits: 20_00, currency: .sgd),
                    to: .thb,
                    provider: "fx-merlion",
                    seed: UInt64(index * 3 + number + 1)
                )
            }
            try region.stop(victim)
            let process = try Victim(example, in: region)
            #expect(try process.waitUntilReady(), "\(example.testDescription)")
            // An answer that died with the node tells nothing of what was asked.
            let answers = try payments.map { try $0.order() }
            #expect(process.diesBySignal(), "\(example.testDescription)")
            try region.start(victim)
            for (payment, answer) in zip(payments, answers) {
                let outcome = try payment.outcome()
                let expected = answer == nil ? ["completed", "unknown"] : ["completed"]
                #expect(expected.contains(outcome ?? "none"), "\(example.testDescription)")
                #expect(answer == nil || answer?.status == 200, "\(example.testDescription)")
            }
        }
        try StraitTests.expectLawful(region)
    }

    /// The node that is to die.
    private final class Victim {
        private let process = Process()
        private let log = Pipe()
        private let links: Int

        init(_ example: Case, in region: StraitRegion) throws {
            let file = try #require(region.topology.node(example.victim)).file
            // As Nodes/topologies/strait.yaml has them.
            links = ["hub": 5, "ips-sg": 2][example.victim] ?? 1
            process.executableURL = URL(fileURLWithPath: SelatProgram.path)
            process.arguments = ["run", file, "--data", region.directory]
            var environment = ProcessInfo.processInfo.environment
            environment["SELAT_CRASH_AT"] = "\(example.point.rawValue):\(example.passage)"
            process.environment = environment
            process.standardError = log
            try process.run()
        }

        deinit { if process.isRunning { process.terminate() } }

        /// Reads the log until the node says that it stands, and its links too: a message that
        /// waits for its link passes other points than one that finds it up.
        func waitUntilReady() throws -> Bool {
            var text = ""
            while !text.contains("ready") || text.components(separatedBy: " is up").count <= links,
                case let chunk = log.fileHandleForReading.availableData, !chunk.isEmpty
            {
                text += String(decoding: chunk, as: UTF8.self)
            }
            return text.contains("ready")
        }

        func diesBySignal() -> Bool {
            // A ceiling, so that a point which is never passed fails and does not hang.
            let pid = process.processIdentifier
            let ceiling = DispatchWorkItem { kill(pid, SIGTERM) }
            DispatchQueue.global().asyncAfter(deadline: .now() + 60, execute: ceiling)
            defer { ceiling.cancel() }
            // Reads to the end, so that the node never waits for a full pipe.
            _ = log.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return process.terminationReason == .uncaughtSignal && process.terminationStatus == 9
        }
    }
}

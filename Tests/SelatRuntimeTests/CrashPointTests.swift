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
@Suite(.enabled(if: SelatProgram.isBuilt, "build the product 'selat' first"))
struct CrashPointTests {
    /// Who dies, where, and at which passage.
    struct Case: CustomTestStringConvertible, Sendable {
        let victim: String
        let point: CrashPoint
        let passage: Int

        var testDescription: String { "\(victim) at \(point.rawValue):\(passage)" }
    }

    /// Every kind of node, the participant behind its own link included.
    private static let victims = [
        "hub", "ips-sg", "ips-th", "ips-my", "fx-merlion", "fx-andaman", "psp-pasir",
    ]

    /// Passages that what is done is certain to make. A provider books a payment once and arms no
    /// timer. The first opening has a test of its own.
    private static func cases(of victim: String) -> [Case] {
        let isProvider = victim.hasPrefix("fx-")
        return CrashPoint.allCases.flatMap { point -> [Case] in
            switch point {
            case .afterReceive, .beforeFetch, .beforeCommit, .afterCommit, .beforeWrite,
                .afterWrite:
                (1...(isProvider ? 1 : 2)).map { Case(victim: victim, point: point, passage: $0) }
            case .beforeTimer:
                isProvider ? [] : [Case(victim: victim, point: point, passage: 1)]
            case .beforeReply: [Case(victim: victim, point: point, passage: 1)]
            case .beforeOpening: []
            }
        }
    }

    @Test(arguments: victims)
    func paymentsSurviveADeathAtEveryPoint(_ victim: String) throws {
        let region = try StraitRegion()
        #expect(try region.until { try region.isLinked() })
        #expect(try StraitTests.hasRates(region))
        for (index, example) in Self.cases(of: victim).enumerated() {
            let seed = UInt64(index * 3 + 1)
            switch example.point {
            case .afterReceive, .beforeFetch, .beforeCommit, .afterCommit, .beforeWrite,
                .afterWrite:
                // How many batches a payment takes depends on what meets in them; three payments
                // make every passage certain.
                let lane = try #require(Lane.through(victim))
                let payments = try (0..<3).map { try lane.quoted(in: region, seed + $0) }
                try passes(example, in: region, payments)
            case .beforeTimer: try timerIsSurvived(example, in: region, seed)
            case .beforeReply: try lostReplyIsSurvived(example, in: region, seed)
            case .beforeOpening: break
            }
        }
        try StraitTests.expectLawful(region)
    }

    @Test func everyNodeSurvivesADeathInItsFirstOpening() throws {
        let region = try StraitRegion { region in
            for victim in Self.victims {
                let example = Case(victim: victim, point: .beforeOpening, passage: 1)
                let process = try Victim(example, in: region)
                #expect(process.diesBySignal(), "\(example.testDescription)")
            }
        }
        #expect(try region.until { try region.isLinked() })
        #expect(try StraitTests.hasRates(region))
        let lanes = [Lane.singaporeToThailand, .thailandToMalaysia, .fromPasir]
        for (index, lane) in lanes.enumerated() {
            let payment = try lane.quoted(in: region, UInt64(index + 1))
            #expect(try payment.order()?.status == 200)
            #expect(try payment.outcome() == "completed")
        }
        try StraitTests.expectLawful(region)
    }

    /// Payments are ordered; the node dies on their way.
    private func passes(
        _ example: Case,
        in region: StraitRegion,
        _ payments: [TestPayment]
    ) throws {
        let process = try Victim(replacing: example, in: region)
        // An answer that died with the node tells nothing of what was asked.
        let answers = try payments.map { try $0.order() }
        #expect(process.diesBySignal(), "\(example.testDescription)")
        try region.start(example.victim)
        for (payment, answer) in zip(payments, answers) {
            let outcome = try payment.outcome()
            let expected = answer == nil ? ["completed", "unknown"] : ["completed"]
            #expect(expected.contains(outcome ?? "none"), "\(example.testDescription)")
            #expect(answer == nil || answer?.status == 200, "\(example.testDescription)")
        }
    }

    /// A recipient's bank takes its time, which is a timer; at the hub the deadline of a HIGH
    /// payment whose destination is away.
    private func timerIsSurvived(
        _ example: Case,
        in region: StraitRegion,
        _ seed: UInt64
    ) throws {
        let isHub = example.victim == "hub"
        let lane = try #require(isHub ? .singaporeToThailand : Lane.to(example.victim))
        let payment = try lane.quoted(in: region, seed, priority: isHub ? "HIGH" : "NORM")
        if !isHub { try lane.delayTheAnswer(in: region, at: example.victim) }
        let process = try Victim(replacing: example, in: region)
        if isHub { try region.stop("ips-th") }
        #expect(try payment.order()?.status == 200, "\(example.testDescription)")
        #expect(process.diesBySignal(), "\(example.testDescription)")
        try region.start(example.victim)
        if isHub { try region.start("ips-th") }
        let outcome = try payment.outcome()
        #expect(outcome == (isHub ? "rejected" : "completed"), "\(example.testDescription)")
    }

    /// What was asked is done, though nobody was told so.
    private func lostReplyIsSurvived(
        _ example: Case,
        in region: StraitRegion,
        _ seed: UInt64
    ) throws {
        let payment = try Lane.from(example.victim)?.quoted(in: region, seed)
        let process = try Victim(replacing: example, in: region)
        let client = try region.client(example.victim)
        if let payment {
            #expect(try payment.order() == nil, "\(example.testDescription)")
        } else {
            // Nobody pays at the hub or at a provider: their books are asked for.
            let party = PartyID(checked: example.victim)
            #expect(throws: RuntimeError.self) { try client.call("accounts", of: party) }
        }
        #expect(process.diesBySignal(), "\(example.testDescription)")
        try region.start(example.victim)
        if let payment {
            #expect(try payment.outcome() == "completed", "\(example.testDescription)")
        }
    }

    /// A corridor, and who stands in it.
    private struct Lane {
        let node: String
        let debtor: (agent: String, account: String)
        let creditor: (agent: String, account: String)
        let amount: Money
        let to: Currency
        let provider: String

        static let singaporeToThailand = Lane(
            node: "ips-sg",
            debtor: ("MRLNSGS0", "3920017745"),
            creditor: ("LTUSTHB0", "0887124455"),
            amount: Money(minorUnits: 20_00, currency: .sgd),
            to: .thb,
            provider: "fx-merlion"
        )
        static let thailandToMalaysia = Lane(
            node: "ips-th",
            debtor: ("LTUSTHB0", "0887124466"),
            creditor: ("RIMBMYK0", "114400982271"),
            amount: Money(minorUnits: 900_00, currency: .thb),
            to: .myr,
            provider: "fx-andaman"
        )
        static let malaysiaToSingapore = Lane(
            node: "ips-my",
            debtor: ("RIMBMYK0", "114400982272"),
            creditor: ("MRLNSGS0", "3920088112"),
            amount: Money(minorUnits: 60_00, currency: .myr),
            to: .sgd,
            provider: "fx-andaman"
        )
        static let fromPasir = Lane(
            node: "psp-pasir",
            debtor: ("PASRSGS0", "2210450001"),
            creditor: ("RIMBMYK0", "114400982271"),
            amount: Money(minorUnits: 30_00, currency: .sgd),
            to: .myr,
            provider: "fx-merlion"
        )
        static let toPasir = Lane(
            node: "ips-my",
            debtor: ("RIMBMYK0", "114400982272"),
            creditor: ("PASRSGS0", "2210450001"),
            amount: Money(minorUnits: 60_00, currency: .myr),
            to: .sgd,
            provider: "fx-andaman"
        )

        /// A corridor that leads through a node.
        static func through(_ victim: String) -> Lane? {
            switch victim {
            case "ips-my", "fx-andaman": thailandToMalaysia
            case "psp-pasir": fromPasir
            default: singaporeToThailand
            }
        }

        /// One whose debtor agent the node hosts.
        static func from(_ victim: String) -> Lane? {
            [singaporeToThailand, thailandToMalaysia, malaysiaToSingapore, fromPasir]
                .first { $0.node == victim }
        }

        /// One whose creditor agent the node hosts.
        static func to(_ victim: String) -> Lane? {
            switch victim {
            case "ips-sg": malaysiaToSingapore
            case "ips-th": singaporeToThailand
            case "ips-my": thailandToMalaysia
            case "psp-pasir": toPasir
            default: nil
            }
        }

        func quoted(
            in region: StraitRegion,
            _ seed: UInt64,
            priority: String = "NORM"
        ) throws -> TestPayment {
            // The node that died last is back, but its links may not be; nobody quotes without them.
            #expect(try region.until { try region.isLinked() })
            let payment = try TestPayment.quoted(
                in: region,
                node: node,
                debtor: debtor,
                creditor: creditor,
                amount: amount,
                to: to,
                provider: provider,
                priority: priority,
                seed: seed
            )
            #expect(payment.body != nil, "\(provider) quotes for \(debtor.agent)")
            return payment
        }

        /// The creditor agent answers its next payment a moment later than it could.
        func delayTheAnswer(in region: StraitRegion, at host: String) throws {
            let outcome: JSONValue = ["kind": "delay", "milliseconds": 50, "times": 1]
            let answer = try region.client(host).call(
                "script",
                of: PartyID(checked: creditor.agent),
                ["key": .string("creditor:\(creditor.account)"), "outcome": outcome]
            )
            #expect(answer.status == 200)
        }
    }

    /// The node that is to die.
    private final class Victim {
        private let process = Process()
        private let log = Pipe()
        private let links: Int

        /// Takes the place of the node in this process, and stands.
        convenience init(replacing example: Case, in region: StraitRegion) throws {
            try region.stop(example.victim)
            try self.init(example, in: region)
            #expect(try waitUntilReady(), "\(example.testDescription)")
        }

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

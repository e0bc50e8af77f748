import Foundation
import SelatJSON
import SelatRuntime
import SelatScheme
import SelatTime
import Testing

/// More than there is room for, and peers that mean no good, through the real processes. Nothing is
/// timed here; `make overload` measures.
@Suite(
    .serialized,
    .region(
        Region.Edit(
            node: "hub",
            present: "kind: hub\n",
            wanted: "kind: hub\nlimits: { paymentsInFlight: 4 }\n"
        )
    )
)
struct OverloadTests {
    // MARK: The door

    @Test func whoIsTurnedAwayIsToldSoAndComesAgain() throws {
        let region = try Region.shared()
        // One quote more than there is room for payments.
        let orders = try (0..<5).map { _ in
            let uetr = Order.newIdentity()
            return (uetr: uetr, body: try region.body(.usual, uetr))
        }
        try region.end("ips-th")
        for (uetr, body) in orders.prefix(4) {
            try region.instruct(body)
            try region.until("the payment at the hub") {
                try region.state(uetr, of: "hub", at: "hub") == "1"
            }
        }
        // Quotes end first; the answer says when to ask again.
        let refused = try region.quoteAnswer(.usual)
        #expect(refused.status == 503)
        #expect(refused.body["reason"] == "ED06")
        #expect(refused.body["retryAfterMilliseconds"] == 1000)
        // Only this way is full.
        var elsewhere = Order.usual
        elsewhere.destination = ("MY", "MYR")
        #expect(try region.quoteAnswer(elsewhere).status == 200)
        // A payment whose quote is from before is refused as well, at once and for good.
        try region.instruct(orders[4].body)
        let ending = try region.ending(.usual, orders[4].uetr)
        #expect(ending == Ending(state: "rejected", reason: "ED06"))
        let said = try region.texts(orders[4].uetr, kind: 2, "out", with: "ips-sg", at: "hub")
        #expect(said.count == 1 && said[0].contains("Rule H24"), "\(said)")
        try region.start("ips-th")
        for (uetr, _) in orders.prefix(4) {
            #expect(try region.ending(.usual, uetr).state == "completed")
            try region.settle(uetr)
        }
        // The same again, under a UETR of its own.
        let (uetr, again) = try region.pay(.usual)
        #expect(again.state == "completed")
        try region.settle(uetr)
    }

    // MARK: Peers

    @Test(arguments: [
        ("deaf", "cutConnections"), ("idle", "turnedAway"), ("slowloris", "turnedAway"),
        ("flood", nil), ("rude", nil),
    ])
    func othersPayOn(attack: String, count: String?) throws {
        let region = try Region.shared()
        let before = try count.map { try region.count($0, at: "ips-sg") } ?? 0
        let attacker = try Attacker(attack, against: region)
        var payments = 0
        // Until the node has got rid of some of them; and at least three payments.
        try region.until("somebody thrown out") {
            let (uetr, ending) = try region.pay(.usual)
            #expect(ending.state == "completed")
            try region.settle(uetr)
            payments += 1
            guard let count else { return payments >= 3 }
            return try payments >= 3 && region.count(count, at: "ips-sg") > before
        }
        #expect(attacker.isRunning)
        attacker.stop()
        #expect(try region.pay(.usual).ending.state == "completed")
    }
}

/// `.ci/attacker`, until it is stopped.
private final class Attacker {
    private let process = Process()

    init(_ attack: String, against region: Region) throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "python3", Region.root.appendingPathComponent(".ci/attacker").path, attack,
        ]
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["SELAT_DATA": region.directory],
            uniquingKeysWith: { $1 }
        )
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
    }

    deinit { stop() }

    var isRunning: Bool { process.isRunning }

    func stop() {
        guard process.isRunning else { return }
        process.terminate()
        process.waitUntilExit()
    }
}

extension Region {
    /// Tells the debtor agent to pay; how it ends is asked for later.
    fileprivate func instruct(_ body: JSONValue) throws {
        let answer = try client("ips-sg").call(
            "pay",
            of: PartyID(checked: Order.usual.debtorAgent),
            body
        )
        guard answer.status == 200 else { throw Failure("pay: \(answer)") }
    }

    /// One of the counts of a node's status.
    fileprivate func count(_ name: String, at node: String) throws -> Int {
        let status = try client(node).call("status", of: OperatorProtocol.node)
        return try status.body.cursor.member("counts").integer(name, Int.self)
    }
}

import ArgumentParser
import SelatAudit
import SelatJSON
import SelatNode
import SelatRuntime
import SelatScheme
import SelatTime

/// `selat pay --resume`: the identical message once more, which every node takes for a question
/// about the payment and never for a second one.
struct PaymentResumption {
    let uetr: UUIDv4
    let region: Region
    let patience: Duration
    let output: Output

    /// - Throws: `CommandFailure` when nobody knows the payment, the exit code of the outcome.
    func run() throws {
        guard let (agent, payment) = try find() else {
            throw CommandFailure(
                Exit.rejected,
                "no institution of this region has sent \(uetr): it was never accepted, so nothing "
                    + "is debited and a new 'selat pay' is safe"
            )
        }
        output.result("UETR      \(uetr)")
        let (watch, _) = RegionWatch.start(
            uetr,
            at: region.topology.nodes.map(\.node),
            in: region.directory
        )
        var follower = PaymentFollower(
            region: region,
            watch: watch,
            debtorAgent: agent,
            output: output
        )
        var report = PaymentReport(
            uetr: uetr,
            members: [JSONMember("debtor", ["agent": .string(agent.name)])],
            output: output
        )
        let ending: PaymentFollower.Ending
        if try payment.cursor.bool("isFinal") {
            ending = try follower.history(uetr)
        } else {
            _ = try region.ask(agent, "resend", ["uetr": .string(uetr.description)]).checked()
            output.result("sent the identical message again")
            ending = follower.follow(patience: patience)
        }
        report.note(follower)
        try report.finish(ending)
    }

    /// The institution that sent the payment, and what it knows.
    private func find() throws -> (PartyID, JSONValue)? {
        for institution in region.topology.institutions {
            let party = institution.entry.party
            let answer = try region.ask(party, "payment", ["uetr": .string(uetr.description)])
            guard answer.isPositive else { continue }
            if answer.body["capacity"] == .string("debtorAgent") { return (party, answer.body) }
        }
        return nil
    }
}

extension PaymentFollower {
    /// A payment that has ended already: its steps from the nodes' histories.
    mutating func history(_ uetr: UUIDv4) throws -> Ending {
        var found: [PaymentStep] = []
        for node in region.topology.nodes {
            let body = try region.client(node.node).call(
                "trace",
                of: OperatorProtocol.node,
                ["uetr": .string(uetr.description)]
            ).checked()
            for step in try body.cursor.elements("history") {
                found.append(try PaymentStep(step, node: node.node))
            }
        }
        replay(found)
        let last = steps.last { $0.party == debtorAgent }
        return PaymentFollower.ending(last?.outcome(topology))
            ?? .unknown(why: "no final status")
    }
}

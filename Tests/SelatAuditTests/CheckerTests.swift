import SelatAudit
import SelatLedger
import SelatNode
import SelatScheme
import SelatSimulator
import SelatStorage
import SelatTime
import Testing

/// A checker that misses a planted violation is no checker: each law is broken once, on purpose,
/// in the stores of a lawful day.
@Suite struct CheckerTests {
    typealias Dumps = [String: NodeDump]

    static let day = Simulation.aftermath(
        of: SimulationPlan(seed: 9, payments: 60, isFaulty: false)
    )

    private func laws(_ change: (inout Dumps) throws -> Void) rethrows -> Set<Law> {
        var dumps = Self.day.dumps
        try change(&dumps)
        return Set(report(dumps, .stopped).violations.map(\.law))
    }

    /// What the checker finds at once; in shares it must find the very same, however small.
    private func report(_ dumps: Dumps, _ moment: Audit.Moment) -> AuditReport {
        let audit = Audit(topology: Self.day.topology, moment: moment)
        let report = audit.report(of: dumps)
        for size in [1, 20, 80] {
            let shares = Shares(of: size)
            #expect(audit.report(of: dumps, in: shares) == report, "shares of \(size)")
            #expect(shares.count > 1)
        }
        return report
    }

    /// A payment that was completed at the hub.
    private func completed() throws -> UUIDv4 {
        let payment = Self.day.dumps["hub"]?.payments.first { $0.row.state == 3 }
        return try #require(payment).uetr
    }

    /// The node and place of a journal of `uetr` that fulfils `condition`.
    private func journal(
        _ uetr: UUIDv4,
        _ condition: (String, Journal) -> Bool
    ) throws -> (node: String, index: Int) {
        for (node, dump) in Self.day.dumps.sorted(by: { $0.key < $1.key }) {
            if let index = dump.journals.firstIndex(where: {
                $0.journal.subject == uetr && condition(node, $0.journal)
            }) {
                return (node, index)
            }
        }
        Issue.record("no such journal")
        return ("", 0)
    }

    @Test func aLawfulDayIsLawful() {
        let report = report(Self.day.dumps, .stopped)
        #expect(report.violations.isEmpty)
        #expect(report.payments > 30 && report.inFlight.isEmpty)
    }

    /// While nodes run each is read at a moment of its own: one may know nothing yet of what all
    /// others have seen end.
    @Test(arguments: day.dumps.keys.sorted())
    func anEarlierSnapshotOfOneNodeIsLawful(_ node: String) {
        var dumps = Self.day.dumps
        dumps[node] = NodeDump()
        let report = report(dumps, .running)
        #expect(report.violations.isEmpty)
    }

    @Test func aBalanceThatItsJournalsDoNotGiveIsFound() {
        let found = laws { dumps in
            dumps["hub"]?.accounts[0].balance.postedDebits += 1
        }
        #expect(found.isSuperset(of: [.ledgerBalance, .conservation]))
    }

    @Test func aSecondCreditIsFound() throws {
        let uetr = try completed()
        let place = try journal(uetr) { _, journal in
            journal.action.name == "post"
                && journal.transfers.contains { $0.credit.hasPrefix("customer:") }
        }
        let found = laws { dumps in
            guard let stored = dumps[place.node]?.journals[place.index] else { return }
            dumps[place.node]?.journals.append(
                StoredJournal(
                    sequence: 1_000_000,
                    at: stored.at,
                    journal: Journal(
                        book: stored.journal.book,
                        subject: uetr,
                        number: 9,
                        action: .direct,
                        transfers: stored.journal.transfers
                    ),
                    closes: nil
                )
            )
        }
        #expect(found.contains(.noDoubleCredit))
    }

    @Test func aYesWithoutABookingIsFound() throws {
        let found = laws { dumps in
            for (node, dump) in dumps where node.hasPrefix("psp-") {
                dumps[node]?.journals = dump.journals.filter { $0.journal.purpose != .payment }
            }
        }
        #expect(found.contains(.noLostAcknowledgement))
    }

    @Test func oneLegAloneIsFound() throws {
        let uetr = try completed()
        let found = laws { dumps in
            for (node, dump) in dumps where node == "hub" {
                dumps[node]?.journals = dump.journals.filter {
                    $0.journal.subject != uetr || $0.journal.action.name != "post"
                }
            }
        }
        #expect(found.contains(.bothLegsOrNeither))
    }

    @Test func leavingDoubtWithoutTheHubIsFound() throws {
        let found = laws { dumps in
            for (node, dump) in dumps where node.hasPrefix("ips-") {
                guard let index = dump.history.firstIndex(where: { $0.row.from == 2 }) else {
                    continue
                }
                let step = dump.history[index]
                dumps[node]?.history[index] = StoredStep(
                    sequence: step.sequence,
                    row: HistoryRow(
                        at: step.row.at,
                        instance: step.row.instance,
                        uetr: step.row.uetr,
                        from: step.row.from,
                        to: step.row.to,
                        cause: "timer"
                    )
                )
                return
            }
        }
        #expect(found.contains(.inDoubtIsAState))
    }

    @Test func aMessageTakenTwiceIsFound() {
        let found = laws { dumps in
            guard let message = dumps["hub"]?.messages.first(where: { $0.direction == .received })
            else { return }
            dumps["hub"]?.messages.append(message)
        }
        #expect(found.contains(.idempotency))
    }

    @Test func aStepOutOfAFinalStateIsFound() throws {
        let uetr = try completed()
        let found = laws { dumps in
            dumps["hub"]?.history.append(
                StoredStep(
                    sequence: 1_000_000,
                    row: HistoryRow(
                        at: Instant(nanoseconds: 1),
                        instance: .hub,
                        uetr: uetr,
                        from: 3,
                        to: 6,
                        cause: "M10 RJCT"
                    )
                )
            )
        }
        #expect(found.contains(.monotonicStatus))
    }

    @Test func anAmountUnlikeItsQuoteIsFound() throws {
        let found = try laws { dumps in
            let dump = try #require(dumps["hub"])
            for (index, stored) in dump.records.enumerated() where stored.kind == .quote {
                var quote = try Quote(record: stored.row.content)
                guard quote.usedBy != nil else { continue }
                quote.issued = quote.issued - .seconds(3600)
                dumps["hub"]?.records[index] = StoredRecord(
                    instance: stored.instance,
                    kind: .quote,
                    key: stored.key,
                    row: RecordRow(version: stored.row.version, content: quote.record)
                )
                return
            }
        }
        #expect(found.contains(.rate))
    }

    @Test func anUndeliveredMessageIsFound() throws {
        let found = laws { dumps in dumps["hub"]?.links[0].acknowledged -= 1 }
        #expect(found.contains(.outbox))
    }

    @Test func speakingForAnotherIsFound() throws {
        let found = laws { dumps in
            guard
                let index = dumps["hub"]?.messages.firstIndex(where: {
                    $0.direction == .received && $0.hop?.link.node == "ips-sg"
                }), let message = dumps["hub"]?.messages[index], let hop = message.hop
            else { return }
            dumps["hub"]?.messages[index] = StoredMessage(
                number: message.number,
                direction: .received,
                hop: .init(
                    link: hop.link,
                    epoch: hop.epoch,
                    sequence: hop.sequence,
                    from: PartyID(checked: "th"),
                    to: hop.to
                ),
                kind: message.kind,
                at: message.at,
                uetr: message.uetr,
                bytes: message.bytes
            )
        }
        #expect(found.contains(.authority))
    }

    @Test func anAccountBelowItsFloorIsFound() throws {
        let found = laws { dumps in
            for (node, dump) in dumps {
                dumps[node]?.accounts = dump.accounts.map { account in
                    guard account.key.name.hasPrefix("fxp:") else { return account }
                    return LedgerAccount(
                        key: account.key,
                        kind: account.kind,
                        floor: .max / 2,
                        balance: account.balance
                    )
                }
            }
        }
        #expect(found.contains(.limits))
    }

    @Test func twoAccountsOfOnePaymentAreFound() throws {
        let uetr = try completed()
        let found = laws { dumps in
            for (node, dump) in dumps where node.hasPrefix("ips-") {
                dumps[node]?.payments = dump.payments.map { payment in
                    guard payment.uetr == uetr, payment.row.state == 3 else { return payment }
                    var row = payment.row
                    row.state = 5
                    return StoredPayment(
                        instance: payment.instance,
                        uetr: uetr,
                        row: row,
                        instruction: payment.instruction
                    )
                }
            }
        }
        #expect(found.contains(.agreement))
    }

    @Test func aPaymentThatNeverEndsIsFound() throws {
        let uetr = try completed()
        let found = laws { dumps in
            guard let index = dumps["hub"]?.payments.firstIndex(where: { $0.uetr == uetr }),
                let payment = dumps["hub"]?.payments[index]
            else { return }
            var row = payment.row
            row.state = 1
            dumps["hub"]?.payments[index] = StoredPayment(
                instance: .hub,
                uetr: uetr,
                row: row,
                instruction: payment.instruction
            )
        }
        #expect(found.contains(.liveness))
    }

    @Test func mirrorsThatDifferAreFound() throws {
        let found = laws { dumps in
            guard
                let index = dumps["fx-merlion"]?.accounts.firstIndex(where: {
                    $0.key.name.hasPrefix("nostro:")
                })
            else { return }
            dumps["fx-merlion"]?.accounts[index].balance.postedDebits += 1
        }
        #expect(found.contains(.mirrors))
    }

    /// Dishonest customers, an intruder, dying nodes: histories full of what is rare, and the
    /// violations of a node that lost its books.
    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func badDaysAreJudgedTheSameInShares(seed: UInt64) {
        let (topology, dumps) = Simulation.aftermath(of: SimulationPlan(seed: seed, payments: 60))
        var robbed = dumps
        robbed["hub"]?.journals.removeAll { $0.sequence % 3 == 0 }
        robbed["ips-sg"]?.messages.removeAll { $0.number % 5 == 0 }
        robbed["ips-th"]?.history.removeAll { $0.sequence % 7 == 0 }
        robbed["hub"]?.records.removeAll { $0.row.version % 2 == 0 }
        for moment in [Audit.Moment.running, .stopped] {
            let audit = Audit(topology: topology, moment: moment)
            for dumps in [dumps, robbed] {
                let report = audit.report(of: dumps)
                let inShares = audit.report(of: dumps, in: Shares(of: 40))
                #expect(inShares == report, "seed \(seed)")
            }
            #expect(audit.report(of: robbed).violations.count > 10, "seed \(seed)")
        }
    }
}

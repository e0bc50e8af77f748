import SelatISO20022
import SelatInstantPaymentSystem
import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatStorage
import SelatTime
import Testing

/// The role under the node's core and a store, with every participant at the end of a link.
@Suite struct BatchTests {
    /// One node that hosts nothing but the payment system.
    struct Node {
        var core: NodeCore
        let store = MemoryStore()
        let instance: PartyID
        private(set) var batches: [CommitBatch] = []
        private(set) var stops: [String] = []
        /// Commits wait here while `holds`.
        var holds = false
        private var held: [NodeCore.Action] = []
        private var sequences: [LinkID: UInt64] = [:]
        private var generator = SeededGenerator(seed: 16, stream: "batch")

        init(_ configuration: InstantPaymentSystem.Configuration) {
            instance = configuration.id
            let parties = configuration.participants.map(\.party) + [.hub, configuration.directory]
            core = NodeCore(
                roles: [instance: InstantPaymentSystem(configuration)],
                routing: Routing(
                    links: Dictionary(
                        uniqueKeysWithValues: parties.map { ($0, LinkID($0.name)) }
                    ),
                    speakers: Dictionary(
                        uniqueKeysWithValues: parties.map { (LinkID($0.name), [$0]) }
                    )
                ),
                recovered: Recovered(),
                epochSeed: Seed(high: 1, low: 2)
            )
            run(
                .event(
                    Event(
                        at: Samples.start,
                        seed: generator.nextSeed(),
                        instance: instance,
                        body: .opening
                    )
                )
            )
        }

        mutating func receive(_ message: Message, from: PartyID) {
            let link = LinkID(from.name)
            let sequence = (sequences[link] ?? 0) + 1
            sequences[link] = sequence
            let (kind, bytes) = message.encoded()
            run(
                .inbound(
                    InboundMessage(
                        link: link,
                        epoch: 9,
                        sequence: sequence,
                        kind: kind,
                        from: from,
                        to: instance,
                        payload: bytes,
                        at: Samples.start,
                        seed: generator.nextSeed()
                    )
                )
            )
        }

        mutating func release() {
            holds = false
            let waiting = held
            held = []
            perform(waiting)
        }

        private mutating func run(_ input: NodeCore.Input) { perform(core.receive(input)) }

        private mutating func perform(_ actions: [NodeCore.Action]) {
            var actions = actions
            while !actions.isEmpty {
                let action = actions.removeFirst()
                switch action {
                case .fetch(let token, let keys):
                    do throws(StoreError) {
                        actions += core.fetched(token, try store.fetch(keys))
                    } catch {
                        stops.append("\(error)")
                    }
                case .commit(let token, let sealed):
                    guard !holds else {
                        held.append(action)
                        continue
                    }
                    batches.append(sealed.batch)
                    actions += core.receive(.committed(token, store.commit(sealed.batch)))
                case .stop(let why): stops.append(why)
                case .send, .acknowledge, .reply, .forward, .notice, .wakeAt: break
                }
            }
        }

        func account(_ bicfi: BICFI) throws -> LedgerAccount? {
            let key = FactKey.account(
                AccountKey(
                    book: BookID(instance.name),
                    name: "participant:\(bicfi.code)",
                    currency: .sgd
                )
            )
            guard case .account(let account) = try store.fetch([key])[0] else { return nil }
            return account
        }
    }

    /// The second event of a batch sees what the first decided. Law I12.
    @Test func sixteenPaymentsInOneBatchShareTheBalance() throws {
        var node = Node(Samples.singapore(.fiveStep, opening: "995.99"))
        // Something in flight, so that all sixteen wait for one batch.
        node.holds = true
        node.receive(
            .iso(.statusReport(Samples.report("ACCC", original: nil))),
            from: Samples.party(Samples.straits)
        )
        for number in 0..<16 {
            let message = Samples.m1(
                uetr: UUIDv4(Seed(high: 100, low: UInt64(number))),
                messageIdentification: "RACE-\(number)"
            )
            node.receive(.iso(.creditTransfer(message)), from: Samples.party(Samples.merlion))
        }
        node.release()
        #expect(node.stops.isEmpty)
        let batch = try #require(node.batches.last)
        #expect(batch.received.count == 16)
        #expect(batch.payments.count == 16)
        #expect(batch.journals.count == 1)
        let sent = batch.sent.map { "\($0.kind) to \($0.to)" }
        #expect(sent.filter { $0 == "1 to STRTSGS0" }.count == 1)
        #expect(sent.filter { $0 == "2 to MRLNSGS0" }.count == 15)
        let account = try #require(try node.account(Samples.merlion))
        #expect(account.available == 49_799)
        #expect(account.posted == 99_599)
    }

    /// A first copy and its resends, its altered copy and its impostor in one batch: one payment.
    @Test func copiesWithinOneBatchAreCopies() throws {
        var node = Node(Samples.singapore(.fiveStep))
        node.holds = true
        node.receive(
            .iso(.statusReport(Samples.report("ACCC", original: nil))),
            from: Samples.party(Samples.straits)
        )
        let merlion = Samples.party(Samples.merlion)
        var altered = Samples.m1()
        altered.creditor.name = "Somebody Else"
        for message in [
            Samples.m1(), Samples.m1(), altered, Samples.m1(messageIdentification: "OTHER"),
        ] {
            node.receive(.iso(.creditTransfer(message)), from: merlion)
        }
        node.receive(.iso(.creditTransfer(Samples.m1())), from: Samples.party(Samples.foothold))
        node.release()
        #expect(node.stops.isEmpty)
        let batch = try #require(node.batches.last)
        #expect(batch.payments.count == 1)
        #expect(batch.journals.count == 1)
        #expect(batch.receipts.count == 2)
        #expect(
            batch.sent.map { "\($0.kind) to \($0.to)" } == [
                "1 to STRTSGS0", "1 to STRTSGS0", "2 to MRLNSGS0", "2 to MRLNSGS0",
                "2 to FSTOSGS0",
            ]
        )
        #expect(batch.sent[0].bytes == batch.sent[1].bytes)
    }
}

import NIOCore
import SelatJSON
import SelatMoney
import SelatNode
import SelatParticipant
import SelatRuntime
import SelatScheme
import SelatTime

// The institutions of this process, as the load sees them.
extension BenchRegion {
    /// An institution that takes part in the load.
    struct Institution {
        let node: RunningNode
        let party: PartyID
        let country: String
        let currency: Currency
        let model: SettlementModel
        let sourceFee: FeeFormula
    }

    /// Those that take part in the load, in the order of the topology.
    var institutions: [Institution] {
        topology.nodes.compactMap { configuration in
            guard case .participant(let entry) = configuration.kind,
                !idle.contains(configuration.node), let first = entry.participants.first,
                case .hosted(let institution) = first.placement,
                let node = running[configuration.node]
            else { return nil }
            return Institution(
                node: node,
                party: first.party,
                country: entry.system.country,
                currency: entry.system.currency,
                model: entry.system.model,
                sourceFee: institution.sourceFee
            )
        }
    }

    /// Makes a source for every lane of a plan, each on its debtor agent's loop.
    ///
    /// - Parameters:
    ///   - corridors: That are loaded.
    ///   - customers: Accounts at each institution.
    ///   - seed: For amounts, accounts and payment ids.
    /// - Returns: The sources of each loop.
    /// - Throws: Nothing while the institutions run.
    func sources(
        _ corridors: [LoadPlan.Corridor],
        customers: Int,
        seed: UInt64
    ) throws -> [(loop: any EventLoop, lanes: NIOLoopBound<[LoadSource]>)] {
        let members = Dictionary(grouping: institutions, by: \.country)
        let plan = LoadPlan(corridors: corridors, institutions: members.mapValues(\.count))
        var questionsOf: [String: OpenQuestions] = [:]
        var byLoop: [ObjectIdentifier: (any EventLoop, [NIOLoopBound<LoadSource>])] = [:]
        for lane in plan.lanes {
            guard let debtor = members[lane.corridor.source]?[lane.debtorAgent],
                let creditors = members[lane.corridor.destination], let first = creditors.first
            else { preconditionFailure("a plan names institutions that there are") }
            let questions = questionsOf[lane.corridor.source] ?? OpenQuestions()
            questionsOf[lane.corridor.source] = questions
            let parties = LoadSource.Parties(
                debtorAgent: debtor.party,
                creditorAgents: creditors.map(\.party),
                sourceCurrency: debtor.currency,
                destinationCurrency: first.currency,
                isHighPriority: first.model.supportsHighPriority,
                customers: customers,
                sourceFee: debtor.sourceFee,
                questions: questions
            )
            let (loop, source) = try debtor.node.onLoop { node in
                let source = LoadSource(node, lane, parties, seed: seed)
                return (node.loop, NIOLoopBound(source, eventLoop: node.loop))
            }.wait()
            byLoop[ObjectIdentifier(loop), default: (loop, [])].1.append(source)
        }
        return try byLoop.values.map { loop, sources in
            let lanes = try loop.submit {
                NIOLoopBound(sources.map(\.value), eventLoop: loop)
            }.wait()
            return (loop, lanes)
        }
    }

    /// Counts at every creditor agent, from now on.
    ///
    /// - Parameter held: Told of each payment that begins or ends to wait for its answer.
    /// - Throws: Nothing while the institutions run.
    func count(_ held: HeldPayments) throws {
        for institution in institutions {
            let party = institution.party
            try institution.node.onLoop { node in
                node.observe { held.note($0, at: party) }
            }.wait()
        }
    }

    /// Tells every creditor agent how long to take for its answers from now on; those that are
    /// awaited already come when they would have come.
    ///
    /// - Parameter delay: At most a day; zero to answer at once.
    /// - Throws: `CommandFailure` when an institution refuses.
    func answer(after delay: Duration) throws {
        let outcome: JSONValue =
            delay == .zero
            ? ["kind": "accept"]
            : ["kind": "delay", "milliseconds": .integer(Int(delay.nanoseconds / 1_000_000))]
        let body: JSONValue = ["key": "creditor", "outcome": outcome]
        for institution in institutions {
            let party = institution.party
            let status = try institution.node.onLoop { node in
                let status = node.loop.makePromise(of: UInt16.self)
                node.ask("script", of: party, body.cursor) { status.succeed($0.status) }
                return status.futureResult
            }.wait().wait()
            guard status == 200 else {
                throw CommandFailure(
                    Exit.rejected,
                    "expected \(party) to be told when to answer, got status \(status)"
                )
            }
        }
    }
}

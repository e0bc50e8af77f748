import SelatLedger
import SelatNode
import SelatSimulator
import SelatTime

/// Guards of the core, the disk and the links.
extension Mutant {
    static let ofMachinery: [Mutant] = [
        Mutant("a node acknowledges before its commit") { $0.acknowledgesBeforeCommit = true },
        Mutant("a node goes on as if an unknown commit had worked") { saboteur in
            saboteur.outcome = { outcome in
                if case .unknown = outcome { .committed } else { outcome }
            }
        },
        Mutant("a node goes on as if a failed commit had worked") { saboteur in
            saboteur.outcome = { outcome in
                if case .failed = outcome { .committed } else { outcome }
            }
        },
        Mutant("a node goes on as if a conflict had been none") { saboteur in
            saboteur.outcome = { $0 == .conflict ? .committed : $0 }
        },
        Mutant("a restarted node forgets its outbox") { saboteur in
            saboteur.recovered = { recovered in
                var recovered = recovered
                recovered.undelivered = []
                return recovered
            }
        },
        Mutant("a restarted node forgets its timers") { saboteur in
            saboteur.recovered = { recovered in
                var recovered = recovered
                recovered.timers = []
                return recovered
            }
        },
        Mutant("a restarted node forgets what it has received") { saboteur in
            saboteur.recovered = { recovered in
                var recovered = recovered
                for index in recovered.links.indices {
                    recovered.links[index].receivedSequence = 0
                    recovered.links[index].receivedEpoch = 0
                }
                return recovered
            }
        },
        Mutant("a restarted node numbers its messages anew") { saboteur in
            saboteur.recovered = { recovered in
                var recovered = recovered
                for index in recovered.links.indices {
                    recovered.links[index].nextSequence = 1
                    recovered.links[index].acknowledged = 0
                }
                recovered.undelivered = []
                return recovered
            }
        },
        decision("every timer runs twenty minutes late", of: isAnyone) { decision, _ in
            decision.payments = decision.payments.map { change in
                PaymentChange(
                    uetr: change.uetr,
                    expectedVersion: change.expectedVersion,
                    state: change.state,
                    due: change.due.map { $0 + .seconds(1200) },
                    content: change.content,
                    cause: change.cause,
                    instruction: change.instruction
                )
            }
        },
        commit("receipts are not stored") { $0.receipts = [] },
        commit("positions of the links are not stored") { $0.links = [] },
        commit("what is sent is not kept") { $0.sent = [] },
        commit("alerts are not stored") { $0.alerts = [] },
        commit("steps are not stored") { $0.history = [] },
        commit("balances are not stored") { $0.balances = [] },
        commit("journals are not stored") { $0.journals = [] },
        commit("records are not stored") { $0.records = [] },
        commit("balances move twice") { batch in
            batch.balances = batch.balances.map { write in
                var delta = write.delta
                delta += write.delta
                return BalanceWrite(
                    account: write.account,
                    delta: delta,
                    isGuarded: write.isGuarded
                )
            }
        },
        commit("a message is kept other than it was sent") { batch in
            guard let first = batch.sent.first else { return }
            batch.sent[0] = RetainedMessage(
                link: first.link,
                epoch: first.epoch,
                sequence: first.sequence,
                kind: first.kind,
                from: first.from,
                to: first.to,
                at: first.at,
                uetr: first.uetr,
                bytes: first.bytes + [0x20]
            )
        },
        commit("timers are not stored") { batch in
            for index in batch.payments.indices { batch.payments[index].row.due = nil }
        },
    ]

    /// Each breaks one guard.
    static let all = ofHub + ofSystems + ofInstitutions + ofMachinery
}

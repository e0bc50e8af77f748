import SelatISO20022
import SelatNode
import SelatScheme
import SelatTime

/// Sends what the intruder wants said, in the name of whichever party it is asked as. What the
/// region sends to it is taken and forgotten.
struct IntrudingRole: Role {
    /// The intruder itself, as the origin of what is to be sent.
    static let master = PartyID(checked: "intruder")

    /// Where its only link leads.
    let target: PartyID

    func facts(for event: Event, known: Facts, _ keys: inout [FactKey]) {}

    func decide(_ event: Event, given facts: Facts, _ decision: inout Decision) {
        guard case .message(IntrudingRole.master, let message) = event.body else { return }
        decision.messages.append(Outgoing(to: target, message))
    }
}

/// What the intruder makes of the messages it has overheard. It knows every message of the region,
/// as if it had broken all confidentiality; what it lacks are the others' certificates.
struct Intruder {
    /// A message that crossed a link, or was kept by a hosted party; read when it is used.
    struct Overheard {
        enum Content {
            case wire(kind: UInt8, [UInt8])
            case hosted(Message)
            /// Read before; `nil` where it is of no use.
            case read(Message?)
        }

        let from: PartyID
        var content: Content

        /// Only what belongs to payments is of use.
        var message: Message? {
            switch content {
            case .read(let message): return message
            case .hosted(let message): return message
            case .wire(let kind, let bytes):
                guard kind == Message.Kind.creditTransfer || kind == Message.Kind.statusReport,
                    case .message(let message) = Message.decode(kind: kind, bytes)
                else { return nil }
                return message
            }
        }
    }

    /// Something to send.
    struct Attempt {
        let speaker: PartyID
        let message: Message
        let copies: Int
    }

    let bicfi: BICFI
    /// Its own country's system, which never speaks to itself.
    let target: PartyID
    private var overheard: [Overheard] = []
    private var count = 0
    private var choices: SeededGenerator

    private static let memory = 64

    init(seed: UInt64, bicfi: BICFI, target: PartyID) {
        self.bicfi = bicfi
        self.target = target
        choices = SeededGenerator(seed: seed, stream: "intruder")
    }

    var party: PartyID { PartyID(checked: bicfi.code) }

    /// Keeps the newest.
    mutating func overhear(_ message: Overheard) {
        if overheard.count < Intruder.memory {
            overheard.append(message)
        } else {
            overheard[count % Intruder.memory] = message
        }
        count += 1
    }

    /// The wait before its next turn.
    mutating func pause() -> Duration { .milliseconds(200 + Int64(choices.next() % 3000)) }

    /// What it heard `back` messages ago, read once.
    private mutating func recall(_ back: Int) -> (from: PartyID, message: Message?) {
        let place = (count - 1 - back) % Intruder.memory
        let message = overheard[place].message
        overheard[place].content = .read(message)
        return (overheard[place].from, message)
    }

    /// The newest instructions among the newest messages: their answers may not have come yet.
    private mutating func newestInstructions() -> [Message] {
        var instructions: [Message] = []
        for back in 0..<min(16, overheard.count) where instructions.count < 3 {
            let message = recall(back).message
            if let message, case .iso(.creditTransfer) = message { instructions.append(message) }
        }
        return instructions
    }

    /// What it sends for one class of intrusion; `nil` when it has heard nothing that serves.
    mutating func attempt(_ kind: FaultClass, at now: Instant) -> Attempt? {
        guard !overheard.isEmpty else { return nil }
        // Every other time one of the newest, whose payment is under way.
        let back = choices.next() % (choices.chance(1, in: 2) ? 6 : UInt64(Intruder.memory))
        let found = recall(min(Int(back), overheard.count - 1))
        let seed = choices.nextSeed()
        guard let message = found.message else { return nil }
        switch kind {
        case .replay: return Attempt(speaker: party, message: message, copies: 1)
        case .flood: return Attempt(speaker: party, message: message, copies: 40)
        case .forgedSender:
            guard found.from != target else { return nil }
            return Attempt(speaker: found.from, message: message, copies: 1)
        case .forgedAgent:
            return instruction(message, seed, at: now) { transfer in transfer.uetr = UUIDv4(seed) }
        case .foreignUETR: return instruction(message, seed, at: now) { _ in }
        case .malformed:
            return instruction(message, seed, at: now) { transfer in
                transfer.uetr = UUIDv4(seed)
                transfer.endToEndIdentification = "//not-a-reference/"
            }
        case .forgedStatus:
            let instructions = newestInstructions()
            guard !instructions.isEmpty else { return nil }
            let choice = Int(choices.next() % UInt64(instructions.count))
            return status(instructions[choice], seed, at: now)
        case .loss, .cut, .corruption, .delay, .splitting, .partition, .oneWayPartition, .crash,
            .stuck, .clockSkew, .clockJump, .slowDisk, .diskFull, .lostWrite, .unknownWrite,
            .conflict, .readError, .resend, .oddAnswer, .contradiction, .alteredCopy, .usedQuote,
            .staleQuote, .foreignQuote, .alteredQuote:
            return nil
        }
    }

    /// Somebody else's instruction, as the intruder's own.
    private func instruction(
        _ message: Message,
        _ seed: Seed,
        at now: Instant,
        _ change: (inout FIToFICustomerCreditTransfer) -> Void
    ) -> Attempt? {
        guard case .iso(.creditTransfer(var transfer)) = message else { return nil }
        transfer.messageIdentification = MessageIdentification.derive(
            sender: party,
            at: now,
            seed: seed,
            purpose: 1
        )
        transfer.acceptanceDateTime = now.wholeMilliseconds
        transfer.instructingAgent = Agent(bicfi: bicfi)
        transfer.debtorAgent = Agent(bicfi: bicfi)
        change(&transfer)
        return Attempt(speaker: party, message: .iso(.creditTransfer(transfer)), copies: 1)
    }

    /// A status with the right UETR and the right MsgId, from the wrong party.
    private func status(_ message: Message, _ seed: Seed, at now: Instant) -> Attempt? {
        guard case .iso(.creditTransfer(let transfer)) = message, let uetr = transfer.uetr
        else { return nil }
        let report = StatusReport(
            messageIdentification: MessageIdentification.derive(
                sender: party,
                at: now,
                seed: seed,
                purpose: 2
            ),
            created: now,
            status: seed.low % 2 == 0 ? .accepted : .rejected(.ac04),
            uetr: uetr,
            originalMessageIdentification: transfer.messageIdentification,
            originalEndToEndIdentification: transfer.endToEndIdentification,
            // It claims to be whoever was asked.
            instructingAgent: transfer.previousInstructingAgent1 == nil
                ? transfer.instructedAgent : transfer.creditorAgent,
            instructedAgent: transfer.instructingAgent
        )
        return Attempt(speaker: party, message: .iso(.statusReport(report.message)), copies: 1)
    }
}

import SelatISO20022
import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatTime

/// One decision about one payment in the making: the payment as it stands, and what is to
/// become of it. Transitions are methods; each ends in at most one `move`.
struct Draft: ~Copyable {
    let system: InstantPaymentSystem
    let event: Event
    let uetr: UUIDv4
    /// 0 when the payment was never seen.
    let version: Int64
    /// The armed timer: a deadline or an enquiry, as the state says.
    let due: Instant?
    var payment: Payment
    var decision = Decision()

    /// Purposes for ids of one event: each hop's message, and what else is derived.
    enum Purpose: UInt64 {
        case m2 = 2
        case m4 = 4
        case m6 = 6
        case m8 = 8
        case m10 = 10
        case m13 = 13
        case m14 = 14
        case m15 = 15
        case m16 = 16
        /// An interim ACWP, which is never sent again.
        case interim = 32
        case clearingSystemReference = 33
        case uetr = 34
        case journal = 35
        case verification = 36
    }

    /// A payment that is new here.
    init(_ system: InstantPaymentSystem, _ event: Event, first uetr: UUIDv4, _ payment: Payment) {
        self.system = system
        self.event = event
        self.uetr = uetr
        version = 0
        due = nil
        self.payment = payment
    }

    /// A payment that is known.
    init(_ system: InstantPaymentSystem, _ event: Event, _ uetr: UUIDv4, _ row: PaymentRow) {
        self.system = system
        self.event = event
        self.uetr = uetr
        version = row.version
        due = row.due
        payment = Payment.stored(row.content)
    }

    var configuration: InstantPaymentSystem.Configuration { system.configuration }

    var times: SchemeTimes { system.configuration.times }

    /// In a state with a deadline: whether the event finds it passed. Rule 11: at the very
    /// instant it has.
    var isOverdue: Bool { due.map { event.at >= $0 } ?? false }

    /// What it has come to: moved out, not copied. Nothing follows.
    mutating func finish() -> Decision {
        var finished = Decision()
        swap(&finished, &decision)
        return finished
    }

    // MARK: Writing

    /// The payment's next row; `due` is its only timer.
    mutating func move(
        to state: InstantPaymentSystem.State,
        due: Instant?,
        cause: String,
        instruction: InstructionSource? = nil
    ) {
        decision.payments.append(
            PaymentChange(
                uetr: uetr,
                expectedVersion: version,
                state: state.rawValue,
                due: due,
                content: payment.encoded,
                cause: cause,
                instruction: instruction
            )
        )
    }

    mutating func alert(_ severity: Alert.Severity, _ text: String) {
        decision.alerts.append(Alert(severity, uetr: uetr, text))
    }

    /// Books the leg's one transfer, InstgAgt to InstdAgt; a reversal the other way round.
    ///
    /// Journal 1 reserves, 2 posts or voids it, 3 reverses what 2 posted.
    mutating func book(_ action: Journal.Action) {
        guard payment.hasDomesticLeg, let agents = payment.agents, let amount = payment.amount
        else { return }
        let payer = system.settlementAccount(agents.instructing).name
        let payee = system.settlementAccount(agents.instructed).name
        let (number, transfer) =
            switch action {
            case .pending, .direct: (1, Transfer(debit: payer, credit: payee, amount: amount))
            case .post, .void: (2, Transfer(debit: payer, credit: payee, amount: amount))
            case .reverse: (3, Transfer(debit: payee, credit: payer, amount: amount))
            }
        decision.journals.append(
            Journal(
                book: system.book,
                subject: uetr,
                number: number,
                action: action,
                transfers: [transfer]
            )
        )
    }

    // MARK: Messages

    /// An id and a creation time for a message of this event.
    func mint(_ purpose: Purpose) -> Sent {
        Sent(
            messageIdentification: MessageIdentification.derive(
                sender: configuration.id,
                at: event.at,
                seed: event.seed,
                purpose: purpose.rawValue
            ),
            created: event.at.wholeMilliseconds
        )
    }

    /// The kept pacs.008 on another hop: only MsgId and CreDtTm differ, and what this system
    /// gave a payment that came without it.
    mutating func forward(
        _ instruction: FIToFICustomerCreditTransfer,
        as sent: Sent,
        to party: PartyID
    ) {
        var message = instruction
        message.change {
            $0.messageIdentification = sent.messageIdentification
            $0.creationDateTime = sent.created
            $0.uetr = uetr
            if $0.clearingSystemReference == nil {
                $0.clearingSystemReference = payment.clearingSystemReference
            }
        }
        decision.messages.append(Outgoing(to: party, .iso(.creditTransfer(message))))
    }

    /// A pacs.002 about this payment, in the reporting direction: from InstdAgt to InstgAgt;
    /// `original` is the MsgId of the pacs.008 that crossed the same hop.
    mutating func report(
        _ status: PaymentStatus,
        as sent: Sent,
        to party: PartyID,
        original: String?
    ) {
        decision.messages.append(
            Outgoing(
                to: party,
                system.report(
                    status,
                    as: sent,
                    uetr: uetr,
                    original: original,
                    endToEnd: payment.endToEnd,
                    agents: payment.agents,
                    to: party
                )
            )
        )
    }

    /// The answer to whoever sent the payment: M16 or M10 as stored. Nothing where there is none.
    mutating func repeatAnswer() {
        guard let answer = payment.answer, let outcome = payment.outcome else { return }
        report(outcome.status, as: answer, to: payment.sender, original: payment.original)
    }

    /// M15 or M13 as stored; nothing where the access provider was never asked.
    mutating func repeatAccessProviderNotice() {
        guard let notice = payment.accessProviderNotice, let outcome = payment.outcome,
            let asked = payment.toAccessProvider, let party = accessProvider
        else { return }
        report(
            outcome.status,
            as: notice,
            to: party,
            original: asked.messageIdentification
        )
    }

    /// M14 as stored; nothing where the D-PSP was never asked, or in a 4-step system.
    mutating func repeatCreditorAgentNotice() {
        guard let notice = payment.creditorAgentNotice, let outcome = payment.outcome,
            let asked = payment.onward, let agents = payment.agents
        else { return }
        report(
            outcome.status,
            as: notice,
            to: system.party(agents.instructed),
            original: asked.messageIdentification
        )
    }

    /// The institution that M2 or M6 went to; `nil` where none was asked.
    var accessProvider: PartyID? {
        guard payment.toAccessProvider != nil, let agents = payment.agents else { return nil }
        let bicfi = payment.sender == .hub ? agents.instructing : agents.instructed
        return system.party(bicfi)
    }

    /// True when a repeated onward message is due: at most one per enquiry interval. Rule 4.
    var mayEnquire: Bool {
        payment.lastEnquiry.map { event.at - $0 >= times.enquiry } ?? true
    }
}

extension InstantPaymentSystem {
    /// A pacs.002 of this system. Where the refused message's agents could not be read, the
    /// system speaks for itself.
    func report(
        _ status: PaymentStatus,
        as sent: Sent,
        uetr: UUIDv4,
        original: String?,
        endToEnd: String?,
        agents: Payment.Agents?,
        to party: PartyID
    ) -> Message {
        let own = configuration.bicfi
        let report = StatusReport(
            messageIdentification: sent.messageIdentification,
            created: sent.created,
            status: status,
            uetr: uetr,
            originalMessageIdentification: original,
            originalEndToEndIdentification: endToEnd,
            instructingAgent: Agent(bicfi: agents?.instructed ?? own),
            instructedAgent: Agent(bicfi: agents?.instructing ?? member(party)?.bicfi ?? own)
        )
        return .iso(.statusReport(report.message))
    }
}

import SelatISO20022
import SelatInstantPaymentSystem
import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatTestSupport
import SelatTime

/// One event of a payment's life at a payment system, as the tables name it.
enum Step: Hashable, Sendable, CustomStringConvertible {
    /// M1 or M5, the first time.
    case first
    case again
    case altered
    case underAnotherMessageID
    case m3(String)
    case m7(String)
    case m9(String)
    case m11(String)
    case m12(String)
    /// As the last of the above, but at the very instant of the armed timer.
    indirect case onTheDot(Step)
    /// About a MsgId that was never sent.
    indirect case aboutAnother(Step)
    /// Without OrgnlMsgId.
    indirect case aboutNone(Step)
    /// From an institution that was not asked.
    case stranger(String)
    case timer

    var description: String {
        switch self {
        case .first: "first copy"
        case .again: "again"
        case .altered: "altered"
        case .underAnotherMessageID: "new MsgId"
        case .m3(let status): "M3 \(status)"
        case .m7(let status): "M7 \(status)"
        case .m9(let status): "M9 \(status)"
        case .m11(let status): "M11 \(status)"
        case .m12(let status): "M12 \(status)"
        case .onTheDot(let step): "\(step) at the timer's instant"
        case .aboutAnother(let step): "\(step) on another MsgId"
        case .aboutNone(let step): "\(step) without MsgId"
        case .stranger(let status): "\(status) from a stranger"
        case .timer: "timer"
        }
    }
}

/// What a step led to, in the words of the tables.
struct Outcome: Hashable, CustomStringConvertible {
    var next: String
    var booking: String
    var sends: String
    var alert: String

    var description: String { "\(next) | \(booking) | \(sends) | \(alert)" }
}

/// A payment's life, told step by step to one system.
struct Story {
    enum Leg: Hashable, Sendable { case source, destination }

    /// Which leg, which model, which kind of payment.
    struct Setting: Hashable, Sendable {
        var leg: Leg
        var model: SettlementModel
        var priority = Priority.normal
        /// The paying and the paid institution of the leg are one.
        var isOwnAccessProvider = false
        /// The amount is above the system's limit, so that the first copy is refused.
        var isOverLimit = false
    }

    let setting: Setting
    var harness: RoleHarness<InstantPaymentSystem>
    /// What was sent last under each name.
    private(set) var sent: [String: Message] = [:]
    private var everSent: [String: Set<Message>] = [:]

    init(_ setting: Setting, configuration: InstantPaymentSystem.Configuration? = nil) {
        self.setting = setting
        let configuration =
            configuration
            ?? (setting.leg == .source
                ? Samples.singapore(setting.model) : Samples.thailand(setting.model))
        harness = RoleHarness(
            InstantPaymentSystem(configuration),
            as: configuration.id,
            now: Samples.start
        )
        harness.open()
    }

    /// The institution that pays in the leg; who sends M1, or is the D-SAP.
    var payer: BICFI {
        switch setting.leg {
        case .source: Samples.merlion
        case .destination: setting.isOwnAccessProvider ? Samples.lotus : Samples.samut
        }
    }

    /// The institution that is paid in the leg.
    var payee: BICFI {
        switch setting.leg {
        case .source: setting.isOwnAccessProvider ? Samples.merlion : Samples.straits
        case .destination: Samples.lotus
        }
    }

    private var sender: PartyID { setting.leg == .source ? Samples.party(payer) : .hub }

    /// The first copy of the setting's payment.
    var instruction: FIToFICustomerCreditTransfer {
        var message: FIToFICustomerCreditTransfer
        switch setting.leg {
        case .source:
            message = Samples.m1(priority: setting.priority, accessProvider: payee)
            if setting.isOwnAccessProvider {
                message.intermediaryAgent1 = Agent(bicfi: Samples.merlion)
            }
        case .destination:
            message = Samples.m5(priority: setting.priority, accessProvider: payer)
        }
        if setting.isOverLimit {
            message.interbankSettlementAmount.amount = Decimal(mantissa: 3_000_000, scale: 0)
        }
        return message
    }

    var state: InstantPaymentSystem.State? {
        harness.payment(Samples.uetr).flatMap { InstantPaymentSystem.State(rawValue: $0.state) }
    }

    // MARK: Telling

    @discardableResult
    mutating func does(_ steps: Step...) -> String {
        var last = ""
        for step in steps { last = outcome(of: step).description }
        return last
    }

    mutating func outcome(of step: Step) -> Outcome {
        let before = state
        let decision = feed(step)
        return describe(decision, before: before)
    }

    private mutating func feed(_ step: Step) -> Decision {
        var message = instruction
        switch step {
        case .first, .again: return receive(message)
        case .altered:
            message.creditor.name = "Somebody Else"
            return receive(message)
        case .underAnotherMessageID:
            message.messageIdentification += "-2"
            return receive(message)
        case .m3, .m7, .m9, .m11, .m12:
            return receive(report(of: step, original: asked(step)), step)
        case .aboutAnother(let step): return receive(report(of: step, original: "NEVER-SENT"), step)
        case .aboutNone(let step): return receive(report(of: step, original: nil), step)
        case .onTheDot(let step):
            if let due = harness.payment(Samples.uetr)?.due { harness.now = max(harness.now, due) }
            return feed(step)
        case .stranger(let status):
            let report = Samples.report(status, original: asked(.m9(status)))
            let stranger = setting.leg == .source ? Samples.foothold : Samples.dusk
            return harness.receive(
                .iso(.statusReport(report)),
                from: Samples.party(stranger)
            )
        case .timer:
            return harness.fireTimer(Samples.uetr) ?? harness.timer(Samples.uetr)
        }
    }

    private mutating func receive(_ message: FIToFICustomerCreditTransfer) -> Decision {
        harness.receive(.iso(.creditTransfer(message)), from: sender)
    }

    private mutating func receive(_ report: FIToFIPaymentStatusReport, _ step: Step) -> Decision {
        let from: PartyID
        switch step {
        case .m3: from = Samples.party(payee)
        case .m7: from = Samples.party(payer)
        case .m9: from = Samples.party(payee)
        default: from = .hub
        }
        return harness.receive(.iso(.statusReport(report)), from: from)
    }

    private func report(of step: Step, original: String?) -> FIToFIPaymentStatusReport {
        switch step {
        case .m3(let status), .m7(let status), .m9(let status), .m11(let status),
            .m12(let status):
            Samples.report(status, original: original)
        default: preconditionFailure("\(step) is no answer")
        }
    }

    /// The MsgId that an honest answer names.
    private func asked(_ step: Step) -> String {
        let name: String
        switch step {
        case .m3: name = "M2"
        case .m7: name = "M6"
        case .m9: name = "M8"
        case .m12: name = "M4"
        default: return instruction.messageIdentification
        }
        guard case .iso(let message)? = sent[name] else { return "NEVER-SENT" }
        return message.messageIdentification
    }

    // MARK: Describing

    private mutating func describe(
        _ decision: Decision,
        before: InstantPaymentSystem.State?
    ) -> Outcome {
        let sends = decision.messages.map { describe($0) }
        return Outcome(
            next: before == state ? "same" : state?.name ?? "-",
            booking: decision.journals.isEmpty
                ? "-" : decision.journals.map { describe($0.action) }.joined(separator: ", "),
            sends: sends.isEmpty ? "-" : sends.joined(separator: ", "),
            alert: decision.alerts.isEmpty
                ? "-" : decision.alerts.map(\.severity.rawValue).joined(separator: ", ")
        )
    }

    private func describe(_ action: Journal.Action) -> String {
        switch action {
        case .pending: "pending"
        case .direct: "direct"
        case .post: "post"
        case .void: "void"
        case .reverse: "reverse"
        }
    }

    private mutating func describe(_ outgoing: Outgoing) -> String {
        let name = name(of: outgoing)
        let isOld = everSent[name]?.contains(outgoing.message) ?? false
        everSent[name, default: []].insert(outgoing.message)
        sent[name] = outgoing.message
        guard case .iso(.statusReport(let report)) = outgoing.message else {
            return name + (isOld ? " as stored" : "")
        }
        return "\(name) \(report.statusText)" + (isOld ? " as stored" : "")
    }

    private func name(of outgoing: Outgoing) -> String {
        switch (setting.leg, outgoing.message) {
        case (.source, .iso(.creditTransfer)): return outgoing.to == .hub ? "M4" : "M2"
        case (.destination, .iso(.creditTransfer)):
            return outgoing.to == Samples.party(payee) ? "M8" : "M6"
        case (_, .iso(.statusReport(let report))):
            if outgoing.to == sender {
                let isCopy =
                    report.originalMessageIdentification != instruction.messageIdentification
                    || ["DU01", "DU03"].contains(report.statusReason?.code)
                if isCopy { return "refusal" }
                return setting.leg == .source ? "M16" : "M10"
            }
            guard setting.leg == .destination else { return "M15" }
            return outgoing.to == Samples.party(payee) ? "M14" : "M13"
        default: return "something else"
        }
    }

    // MARK: Books

    /// `9502.00/9502.00`: posted and available of a settlement account.
    func balance(_ bicfi: BICFI) -> String {
        let currency = setting.leg == .source ? "SGD" : "THB"
        guard let account = harness.account("participant:\(bicfi.code)", currency) else {
            return "not open"
        }
        let posted = Money(minorUnits: account.posted, currency: account.key.currency)
        let available = Money(minorUnits: account.available, currency: account.key.currency)
        return "\(posted.amountText)/\(available.amountText)"
    }
}

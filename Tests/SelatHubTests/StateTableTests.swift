import Foundation
import SelatHub
import SelatISO20022
import SelatLedger
import SelatMoney
import SelatNode
import SelatScheme
import SelatTestSupport
import SelatTime
import Testing

/// The whole state x event grid. The table in Specs/States/Hub.md is what the code does: this
/// test prints it and compares. `SELAT_WRITE_SPECS=1` writes it anew.
@Suite struct StateTableTests {
    /// A payment brought to one state.
    struct Start: Sendable {
        let name: String
        let state: Hub.State?
        var priority = Priority.normal
        /// HIGH only: the next event comes at the deadline.
        var isOverdue = false
    }

    static let starts = [
        Start(name: "-", state: nil),
        Start(name: "Forwarded, NORM", state: .forwarded),
        Start(name: "Forwarded, HIGH", state: .forwarded, priority: .high),
        Start(
            name: "Forwarded, HIGH, deadline passed",
            state: .forwarded,
            priority: .high,
            isOverdue: true
        ),
        Start(name: "AcceptedWithoutPosting", state: .acceptedWithoutPosting),
        Start(name: "Completed", state: .completed),
        Start(name: "Blocked", state: .blocked),
        Start(name: "Rejected(hub)", state: .rejectedByHub),
        Start(name: "Rejected(destination)", state: .rejectedByDestination),
        Start(name: "Rejected(deadline)", state: .rejectedByDeadline, priority: .high),
    ]

    enum Input: String, Sendable, CaseIterable {
        case instruction = "M4"
        case invalid = "M4, a check fails"
        case altered = "M4, altered"
        case otherMessage = "M4, new MsgId"
        case unreadable = "M4, unreadable, new MsgId"
        case accepted = "M10 ACCC"
        case blocked = "M10 BLCK"
        case rejected = "M10 RJCT AC04"
        case rejectedWithoutReason = "M10 RJCT, no reason"
        case withoutPosting = "M10 ACWP"
        case technical = "M10 ACTC"
        case refusedCopy = "M10 RJCT DU03"
        case otherOriginal = "M10 on another MsgId"
        case otherParty = "M10 from another party"
        case timer = "timer"
    }

    struct Story {
        var hub: HubStory
        var message: FIToFICustomerCreditTransfer
        var onward: FIToFICustomerCreditTransfer
    }

    static func begin(_ start: Start) -> Story {
        var (hub, message) = HubStory.ready(priority: start.priority)
        var onward = message
        if start.state == .rejectedByHub { message.agreedRate.quoteIdentification = nil }
        if start.state != nil {
            onward = hub.send(message).creditTransfers(to: Region.th).first ?? onward
        }
        switch start.state {
        case nil, .forwarded, .rejectedByHub: break
        case .acceptedWithoutPosting: hub.report(hub.answer(.acceptedWithoutPosting, to: onward))
        case .completed: hub.report(hub.answer(.acceptedCreditSettlementCompleted, to: onward))
        case .blocked: hub.report(hub.answer(.blocked, to: onward))
        case .rejectedByDestination: hub.report(hub.answer(.rejected, "AC04", to: onward))
        case .rejectedByDeadline: hub.harness.fireTimer(Region.uuid(1))
        }
        if start.isOverdue, let due = hub.harness.payment(Region.uuid(1))?.due {
            hub.harness.now = due
        } else if start.state != nil, start.priority == .normal {
            hub.advance(hub.times.enquiry)
        }
        return Story(hub: hub, message: message, onward: onward)
    }

    static func apply(_ input: Input, to story: inout Story) -> Decision {
        var message = story.message
        func answer(_ status: TransactionStatus, _ reason: String? = nil) -> Message {
            .iso(.statusReport(story.hub.answer(status, reason, to: story.onward)))
        }
        func tell(_ message: Message, from party: PartyID = Region.th) -> Decision {
            story.hub.harness.receive(message, from: party)
        }
        switch input {
        case .instruction: return story.hub.send(message)
        case .invalid, .altered:
            message.interbankSettlementAmount = CurrencyAndAmount(Region.money("9.99", .sgd))
            return story.hub.send(message)
        case .otherMessage:
            message.messageIdentification = "SG0002"
            return story.hub.send(message)
        case .unreadable:
            return story.hub.harness.receive(
                MalformedMessage(
                    rejections: [
                        Rejection(reason: .ff01, path: "/", expected: "XML", found: "none")
                    ],
                    kind: Message.Kind.creditTransfer,
                    messageIdentification: "SG0003",
                    uetr: Region.uuid(1)
                ),
                from: Region.sg
            )
        case .accepted: return tell(answer(.acceptedCreditSettlementCompleted))
        case .blocked: return tell(answer(.blocked))
        case .rejected: return tell(answer(.rejected, "AC04"))
        case .rejectedWithoutReason: return tell(answer(.rejected))
        case .withoutPosting: return tell(answer(.acceptedWithoutPosting))
        case .technical: return tell(answer(.acceptedTechnicalValidation))
        case .refusedCopy: return tell(answer(.rejected, "DU03"))
        case .otherOriginal:
            var report = story.hub.answer(.acceptedCreditSettlementCompleted, to: story.onward)
            report.originalMessageIdentification = "HUB0000"
            return tell(.iso(.statusReport(report)))
        case .otherParty:
            return tell(answer(.acceptedCreditSettlementCompleted), from: Region.my)
        case .timer: return story.hub.harness.timer(Region.uuid(1))
        }
    }

    /// `M11 RJCT AB03`; `(stored)` where the very message was sent before.
    static func name(_ outgoing: Outgoing, in story: Story) -> String {
        let earlier = story.hub.harness.decisions.dropLast().flatMap(\.messages)
        let stored = earlier.contains(outgoing) ? " (stored)" : ""
        switch outgoing.message {
        case .iso(.creditTransfer): return "M5" + stored
        case .iso(.statusReport(let report)):
            let code = report.statusReason?.code
            if code == "DU01" || code == "DU03" { return "\(report.statusText) on that MsgId" }
            return (outgoing.to == Region.th ? "M11 " : "M12 ") + report.statusText + stored
        case .notification: return "M17" + stored
        case .iso(.verificationRequest), .iso(.verificationReport), .rate: return "?"
        }
    }

    static func booking(_ decision: Decision) -> String {
        let actions = decision.journals.map { journal in
            switch journal.action {
            case .pending: "pending x\(journal.transfers.count)"
            case .post: "post x\(journal.transfers.count)"
            case .void: "void x\(journal.transfers.count)"
            case .direct: "direct"
            case .reverse: "reverse"
            }
        }
        return actions.isEmpty ? "-" : actions.joined(separator: ", ")
    }

    static func row(_ start: Start, _ input: Input) -> String? {
        // A first copy is an altered one only where there is another.
        if (start.state == nil) != (input == .invalid) {
            if input == .invalid { return nil }
        }
        if start.state == nil, [.altered, .otherMessage].contains(input) { return nil }
        var story = begin(start)
        let before = story.hub.state()
        let decision = apply(input, to: &story)
        let after = story.hub.state()
        #expect(story.hub.harness.violations.isEmpty, "\(start.name), \(input.rawValue)")
        if before?.isFinal == true {
            #expect(after == before, "\(start.name) left by \(input.rawValue)")
            #expect(decision.journals.isEmpty)
        }
        let next = after == before ? "same" : after?.name ?? "-"
        let sends = decision.messages.map { name($0, in: story) }
        let alerts = decision.alerts.map(\.severity.rawValue)
        let columns = [
            start.name, input.rawValue, next, booking(decision),
            sends.isEmpty ? "-" : sends.joined(separator: ", "),
            alerts.isEmpty ? "-" : alerts.joined(separator: ", "),
        ]
        return "| " + columns.joined(separator: " | ") + " |"
    }

    static func table() -> String {
        let header = """
            | state | event | next | booking | sends | alert |
            |---|---|---|---|---|---|
            """
        let rows = starts.flatMap { start in Input.allCases.compactMap { row(start, $0) } }
        return ([header] + rows).joined(separator: "\n") + "\n"
    }

    static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Specs/States/Hub.md")
    static let marker = "<!-- printed by StateTableTests -->\n"

    @Test func thePublishedTableIsWhatTheCodeDoes() throws {
        let text = try String(contentsOf: Self.file, encoding: .utf8)
        let parts = text.components(separatedBy: Self.marker)
        try #require(parts.count == 3, "Specs/States/Hub.md has the table between two markers")
        let table = Self.table()
        if ProcessInfo.processInfo.environment["SELAT_WRITE_SPECS"] == "1" {
            let written = [parts[0], table, parts[2]].joined(separator: Self.marker)
            try written.write(to: Self.file, atomically: true, encoding: .utf8)
            return
        }
        #expect(parts[1] == table, "run with SELAT_WRITE_SPECS=1 to print it anew")
    }

    @Test func everyStateIsPublishedWithItsNumber() throws {
        let text = try String(contentsOf: Self.file, encoding: .utf8)
        for state in Hub.State.allCases {
            #expect(text.contains("| \(state.rawValue) | \(state.name) |"))
        }
    }

    @Test func everyRuleIsPublishedWithItsReason() throws {
        let file = Self.file.deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Rulebook/Hub.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        for rule in Rule.allCases {
            let line = text.split(separator: "\n").first { $0.hasPrefix("| \(rule.number) |") }
            #expect(line != nil, "\(rule.number) is not in Specs/Rulebook/Hub.md")
            #expect(line?.contains("| \(rule.reason)") == true, "\(rule.number): \(rule.reason)")
        }
    }
}

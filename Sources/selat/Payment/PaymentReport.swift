import ArgumentParser
import SelatJSON
import SelatScheme
import SelatTime

/// The end of `selat pay`: the final status in words, what moved, and the one document.
struct PaymentReport {
    private var contents: PaymentDocument
    private let output: Output

    init(uetr: UUIDv4, members: [JSONMember], output: Output) {
        contents = PaymentDocument(uetr: uetr, disclosed: members)
        self.output = output
    }

    /// Takes over what was seen on the way.
    mutating func note(_ follower: PaymentFollower) {
        contents.steps = follower.steps.map { $0.json(follower.topology) }
        contents.movements = follower.movements(contents.uetr)
        contents.reason = follower.steps.last { $0.party == follower.debtorAgent }?.reason
    }

    /// Refused by the Sender's own bank: no message left.
    mutating func refuse(_ text: String, reason: String?) {
        output.result("refused: \(reason.map { ReasonWords.sentence($0) + "; " } ?? "")\(text)")
        output.result("nothing was sent, nothing is debited")
        contents.status = "RJCT"
        contents.reason = reason
        contents.error = text
        output.document("pay", contents.members)
    }

    /// Says how it ended.
    ///
    /// - Throws: The exit code, unless it is `Exit.accepted`.
    mutating func finish(_ ending: PaymentFollower.Ending) throws {
        if let movements = contents.movements, !movements.lines.isEmpty {
            output.result("\n\(movements.text)\n")
        }
        switch ending {
        case .completed: output.result("ACCC: the recipient has the money")
        case .blocked:
            output.result("BLCK: the recipient's bank holds the money; it does not come back")
        case .rejected:
            let why = contents.reason.map { " \(ReasonWords.sentence($0))" } ?? ""
            output.result("RJCT\(why); nothing is debited")
        case .unknown(let why):
            contents.error = why
            output.result("outcome unknown: \(why)")
            output.note(
                "do not pay again: 'selat pay --resume \(contents.uetr)' asks with the same message"
            )
        }
        contents.status = ending.status
        output.document("pay", contents.members)
        if !ending.code.isSuccess { throw ending.code }
    }
}

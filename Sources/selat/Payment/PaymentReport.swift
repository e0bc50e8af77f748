import ArgumentParser
import SelatJSON
import SelatScheme
import SelatTime

/// The end of `selat pay`: the final status in words, what moved, and the one document.
struct PaymentReport {
    let uetr: UUIDv4
    let members: [JSONMember]
    let output: Output
    private var steps: [JSONValue] = []
    private var movements: Movements?
    private var reason: String?

    init(uetr: UUIDv4, members: [JSONMember], output: Output) {
        self.uetr = uetr
        self.members = members
        self.output = output
    }

    /// Takes over what was seen on the way.
    mutating func note(_ follower: PaymentFollower) {
        steps = follower.steps.map { $0.json(follower.topology) }
        movements = follower.movements(uetr)
        reason = PaymentReport.reason(in: follower.steps.last { $0.party == follower.debtorAgent })
    }

    /// The code at the end of a cause such as `M16 RJCT AC04`.
    static func reason(in step: PaymentStep?) -> String? {
        let words = step?.cause.split(separator: " ") ?? []
        guard words.count >= 2, words[words.count - 2] == "RJCT", let last = words.last else {
            return nil
        }
        return String(last)
    }

    /// Refused by the Sender's own bank: no message left.
    func refuse(_ text: String, reason: String?) {
        output.result("refused: \(reason.map { ReasonWords.sentence($0) + "; " } ?? "")\(text)")
        output.result("nothing was sent, nothing is debited")
        document(status: "RJCT", reason: reason, error: text)
    }

    /// Says how it ended.
    ///
    /// - Throws: The exit code, unless it is `Exit.accepted`.
    func finish(_ ending: PaymentFollower.Ending) throws {
        if let movements, !movements.lines.isEmpty { output.result("\n\(movements.text)\n") }
        switch ending {
        case .completed: output.result("ACCC: the recipient has the money")
        case .blocked:
            output.result("BLCK: the recipient's bank holds the money; it does not come back")
        case .rejected:
            let why = reason.map { " \(ReasonWords.sentence($0))" } ?? ""
            output.result("RJCT\(why); nothing is debited")
        case .unknown(let why):
            output.result("outcome unknown: \(why)")
            output.note("do not pay again: 'selat pay --resume \(uetr)' asks with the same message")
        }
        var error: String?
        if case .unknown(let why) = ending { error = why }
        document(status: ending.status, reason: reason, error: error)
        if !ending.code.isSuccess { throw ending.code }
    }

    private func document(status: String?, reason: String?, error: String?) {
        output.document(
            "pay",
            members + [
                JSONMember("uetr", .string(uetr.description)),
                JSONMember("status", status.map { .string($0) } ?? .null),
                JSONMember("reason", reason.map { .string($0) } ?? .null),
                JSONMember("error", error.map { .string($0) } ?? .null),
                JSONMember("steps", .array(steps)),
                JSONMember("movements", movements?.json ?? []),
            ]
        )
    }
}

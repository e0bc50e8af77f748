package import SelatISO20022
package import SelatJSON
import SelatNode

/// Whom an address leads to, as the directory and the recipient's bank say.
package struct Payee: Hashable, Sendable {
    package let account: String
    package let agent: BICFI
    /// Masked by whoever gave it; what a Sender may see.
    package let displayName: String?
    /// For the message and for screening; never printed.
    package let name: String?
    package let town: String?

    /// - Parameters:
    ///   - account: Its number.
    ///   - agent: Its institution.
    ///   - displayName: What a Sender may see.
    ///   - name: For the message; never printed.
    ///   - town: For the message.
    package init(
        account: String,
        agent: BICFI,
        displayName: String?,
        name: String?,
        town: String?
    ) {
        self.account = account
        self.agent = agent
        self.displayName = displayName
        self.name = name
        self.town = town
    }

    /// What an answer to `resolution` says.
    package enum Verdict: Hashable, Sendable {
        case verified(Payee)
        /// With a code of the acmt.024.
        case refused(reason: String)
    }

    /// Reads an answer to `resolution`.
    ///
    /// - Parameters:
    ///   - body: The answer.
    ///   - address: What was asked: an answer about an account need not repeat it.
    /// - Returns: Whom it leads to, or why to nobody.
    /// - Throws: `JSONError` when it is no such answer.
    package static func read(
        _ body: JSONValue,
        for address: RecipientAddress
    ) throws(JSONError) -> Verdict {
        let cursor = body.cursor
        guard try cursor.bool("verification") else {
            return .refused(reason: try cursor.optionalString("reason") ?? "MS03")
        }
        let account: String
        let agent: BICFI
        switch address.target {
        case .account(let asked, let number):
            account = try cursor.optionalString("account") ?? number
            agent = try cursor.optional("agent")?.parsed("a BICFI", { BICFI($0) }) ?? asked
        case .proxy, .iban:
            account = try cursor.string("account")
            agent = try cursor.member("agent").parsed("a BICFI", { BICFI($0) })
        }
        return .verified(
            Payee(
                account: account,
                agent: agent,
                displayName: try cursor.optionalString("displayName"),
                name: try cursor.optionalString("name"),
                town: try cursor.optionalString("town")
            )
        )
    }
}

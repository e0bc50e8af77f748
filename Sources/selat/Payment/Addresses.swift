import ArgumentParser
package import SelatISO20022

/// From where a payment comes: `sg:ACCOUNT`, `sg:BIC:ACCOUNT`, or `sg:BIC` where only the
/// institution counts.
package struct SenderAddress: Hashable, Sendable {
    /// Two capital letters.
    package let country: String
    package let agent: BICFI?
    package let account: String?

    /// - Parameter text: As it was typed.
    /// - Throws: `CommandFailure` of `Exit.usage`.
    package init(_ text: String) throws(CommandFailure) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard (2...3).contains(parts.count), let country = CountryCode.read(parts[0]),
            parts.dropFirst().allSatisfy({ !$0.isEmpty })
        else { throw SenderAddress.wrong(text) }
        self.country = country
        if parts.count == 3 {
            guard let agent = BICFI(parts[1].uppercased()) else { throw SenderAddress.wrong(text) }
            self.agent = agent
            account = parts[2]
        } else if let agent = BICFI(parts[1].uppercased()) {
            self.agent = agent
            account = nil
        } else {
            agent = nil
            account = parts[1]
        }
    }

    private static func wrong(_ text: String) -> CommandFailure {
        CommandFailure(
            Exit.usage,
            "--from: expected COUNTRY:ACCOUNT or COUNTRY:BIC:ACCOUNT such as sg:3920017745, got "
                + "'\(text)'"
        )
    }
}

/// To whom a payment goes: `th:mobile:+66812004417`, `th:account:LTUSTHB0:0887124455`,
/// `de:iban:...`, or any proxy by its four-letter code.
package struct RecipientAddress: Hashable, Sendable {
    /// What is known of the recipient before anybody is asked.
    package enum Target: Hashable, Sendable {
        /// An entry of the country's proxy directory.
        case proxy(code: String, value: String)
        /// An account at an institution.
        case account(agent: BICFI, number: String)
        /// An account that names its institution itself.
        case iban(String)
    }

    /// Two capital letters.
    package let country: String
    package let target: Target

    /// Words for the commonest of ExternalProxyAccountType1Code.
    package static let words = [
        "mobile": "MBNO", "email": "EMAL", "ewallet": "EWAL", "national-id": "NIDN",
        "passport": "CCPT", "business": "BIID", "tax-id": "COTX", "biller": "UBIL", "vpa": "SHID",
    ]

    /// - Parameter text: As it was typed.
    /// - Throws: `CommandFailure` of `Exit.usage`.
    package init(_ text: String) throws(CommandFailure) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 3, let country = CountryCode.read(parts[0]),
            parts.dropFirst().allSatisfy({ !$0.isEmpty })
        else { throw RecipientAddress.wrong(text) }
        self.country = country
        let kind = parts[1].lowercased()
        let rest = parts.dropFirst(2).joined(separator: ":")
        switch kind {
        case "account":
            guard parts.count == 4, let agent = BICFI(parts[2].uppercased()) else {
                throw RecipientAddress.wrong(text)
            }
            target = .account(agent: agent, number: parts[3])
        case "iban": target = .iban(rest.uppercased())
        default:
            let code = RecipientAddress.words[kind] ?? kind.uppercased()
            guard code.utf8.count == 4, code.allSatisfy({ $0.isASCII && $0.isLetter }) else {
                throw RecipientAddress.wrong(text)
            }
            target = .proxy(code: code, value: rest)
        }
    }

    /// `mobile +66812004417`, as a person reads it.
    package var text: String {
        switch target {
        case .proxy(let code, let value):
            "\(RecipientAddress.words.first { $0.value == code }?.key ?? code) \(value)"
        case .account(_, let number): "account \(number)"
        case .iban(let number): "IBAN \(number)"
        }
    }

    private static func wrong(_ text: String) -> CommandFailure {
        CommandFailure(
            Exit.usage,
            "--to: expected COUNTRY:mobile:NUMBER, COUNTRY:account:BIC:NUMBER or another proxy "
                + "(\(words.keys.sorted().joined(separator: ", "))), got '\(text)'"
        )
    }
}

/// ISO 3166-1 alpha-2, however it was typed.
enum CountryCode {
    /// Two capital letters; `nil` for anything else.
    static func read(_ text: String) -> String? {
        guard text.utf8.count == 2, text.allSatisfy({ $0.isASCII && $0.isLetter }) else {
            return nil
        }
        return text.uppercased()
    }
}

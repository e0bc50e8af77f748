package import SelatISO20022

/// What a reason code means, for a person. Source: ExternalStatusReason1Code and
/// ExternalVerificationReason1Code as the scheme uses them.
package enum ReasonWords {
    private static let words: [String: String] = [
        "AB01": "the clearing ran out of time",
        "AB02": "the clearing failed",
        "AB03": "the payment was not completed by its deadline",
        "AB04": "the quote is unknown, used up or expired, or the amounts are not the quote's",
        "AB05": "the recipient's bank did not answer in time",
        "AB06": "a settlement access provider did not answer in time",
        "AB08": "the recipient's bank is not online, or cannot answer",
        "AB09": "the recipient's bank had an error",
        "AB10": "a settlement access provider had an error",
        "AC01": "there is no such account",
        "AC04": "the account is closed",
        "AC06": "the account is blocked",
        "AC07": "the recipient's account is closed",
        "AC14": "the recipient's account is of a kind that takes no such payments",
        "AG01": "this kind of payment is forbidden here",
        "AG03": "this kind of payment is not supported there",
        "AG11": "the recipient's bank is suspended",
        "AGNT": "the recipient's bank is not on the network",
        "AM02": "the amount is above the maximum",
        "AM03": "the currency is not allowed",
        "AM04": "the balance does not suffice",
        "AM05": "the payment was made before",
        "AM06": "the amount is too low",
        "AM07": "the amount is blocked by an authority",
        "AM09": "the amount is not what was agreed",
        "AM13": "the amount is above the clearing system's limit",
        "AM14": "the amount is above the limit agreed with the bank",
        "AM21": "the amount is above a limit that the bank sets",
        "AM23": "the amount is above the settlement limit",
        "BE01": "the recipient's name does not belong to the account",
        "BE04": "the recipient's address is missing or wrong",
        "BE07": "the sender's address is missing or wrong",
        "BE23": "nobody is registered under this proxy",
        "CH11": "the recipient's identifier is wrong",
        "CH20": "the amount has too many decimals",
        "CH21": "something compulsory is missing from the message",
        "CNOR": "the recipient's bank is not registered with its payment system",
        "CURR": "the currency is wrong",
        "DU01": "the message was sent before with other content",
        "DU03": "the payment was sent before under another message id",
        "DUPL": "the payment is a duplicate",
        "ED05": "the settlement failed",
        "ED06": "the settlement system is not available",
        "FF01": "the message is not of its format",
        "FF10": "a bank's system failed",
        "FR01": "fraud is suspected",
        "FRAD": "too many look-ups, or misuse is suspected",
        "MD07": "the account holder is deceased",
        "MS02": "the customer refused without saying why",
        "MS03": "the bank refused without saying why",
        "NARR": "see the bank's own words",
        "RC04": "the recipient's bank is wrong or missing",
        "RC06": "the sender's bank is unknown there",
        "RC07": "the recipient's bank is unknown",
        "RC10": "the recipient's bank is unknown to its clearing system",
        "RC11": "a settlement access provider or its account is wrong",
        "RR01": "the sender's account or identifier is missing",
        "RR02": "the sender's name or address does not suffice",
        "RR03": "the recipient's name or address does not suffice",
        "RR04": "the law does not allow it",
        "TM01": "the payment came too late",
        "UCRD": "the recipient is unknown",
    ]

    /// `BE23: nobody is registered under this proxy`; the bare code where there are no words.
    ///
    /// - Parameter code: Such as `BE23`.
    /// - Returns: The code, and what it means.
    package static func sentence(_ code: String) -> String {
        words[code].map { "\(code): \($0)" } ?? code
    }

    /// As `sentence(_:)`.
    package static func sentence(_ code: ReasonCode) -> String { sentence(code.code) }
}

package import SelatScheme
package import SelatTime

/// What a received pacs.008 is with respect to those received before it.
/// Source: Specs/States, rules 4 to 8.
package enum CopyVerdict: Hashable, Sendable {
    /// Never seen: judge it.
    case first
    /// The identical instruction again: the same answer, or the same onward message.
    case resend
    /// This UETR under another MsgId: DU03 on that MsgId, the payment untouched.
    case otherMessage
    /// This MsgId with another UETR, or with altered content: DU01, the payment untouched.
    case altered

    /// `receipt` is what was received before under this sender and MsgId; `isKnown` says whether
    /// the instance has a payment of this UETR.
    package init(receipt: Receipt?, isKnown: Bool, uetr: UUIDv4, digest: ContentDigest) {
        switch receipt {
        case .some(let receipt) where receipt.uetr == uetr && receipt.digest == digest:
            self = isKnown ? .resend : .first
        case .some: self = .altered
        case .none: self = isKnown ? .otherMessage : .first
        }
    }
}

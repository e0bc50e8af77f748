/// A code of an external ISO reason list: one to four capital letters and digits, in one word.
///
/// Codes are data, not cases: a code published after this was built survives a round trip.
/// ISO: ExternalStatusReason1Code, ExternalVerificationReason1Code.
public struct ReasonCode: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The ASCII characters, most significant first, padded with zero bytes at the end.
    @usableFromInline let packed: UInt32

    /// Parses 1...4 capital ASCII letters or digits; anything else is `nil`.
    public init?(_ code: String) {
        var packed: UInt32 = 0
        var count: UInt32 = 0
        for byte in code.utf8 {
            guard count < 4, (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte) else {
                return nil
            }
            packed |= UInt32(byte) << (24 - 8 * count)
            count += 1
        }
        guard count > 0 else { return nil }
        self.packed = packed
    }

    private init(packed: UInt32) { self.packed = packed }

    /// The code as it stands in the message.
    public var code: String {
        var bytes: [UInt8] = []
        for shift in [24, 16, 8, 0] as [UInt32] where packed >> shift & 0xFF != 0 {
            bytes.append(UInt8(truncatingIfNeeded: packed >> shift))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    public var description: String { code }

    @inlinable
    public static func < (lhs: ReasonCode, rhs: ReasonCode) -> Bool { lhs.packed < rhs.packed }
}

/// The codes this network itself sends. Rulebook: Reason codes; messages of other parties may
/// carry any code of `ExternalCodeSet.statusReason`.
extension ReasonCode {
    /// Clearing process aborted due to timeout.
    public static let ab01 = ReasonCode(packed: 0x41_42_30_31)
    /// Clearing process aborted due to a fatal error.
    public static let ab02 = ReasonCode(packed: 0x41_42_30_32)
    /// Settlement aborted due to timeout: the gateway's answer to a passed HIGH deadline.
    public static let ab03 = ReasonCode(packed: 0x41_42_30_33)
    /// Settlement aborted due to a fatal error; also a rate or amount unlike the quote's.
    public static let ab04 = ReasonCode(packed: 0x41_42_30_34)
    /// Timeout at the creditor agent.
    public static let ab05 = ReasonCode(packed: 0x41_42_30_35)
    /// Timeout at the instructed agent.
    public static let ab06 = ReasonCode(packed: 0x41_42_30_36)
    /// Creditor agent is not online, or cannot answer.
    public static let ab08 = ReasonCode(packed: 0x41_42_30_38)
    /// Error at the creditor agent.
    public static let ab09 = ReasonCode(packed: 0x41_42_30_39)
    /// Error at the instructed agent.
    public static let ab10 = ReasonCode(packed: 0x41_42_31_30)
    /// Account number incorrect: account resolution only, never in a pacs.002 here.
    public static let ac01 = ReasonCode(packed: 0x41_43_30_31)
    /// Account closed.
    public static let ac04 = ReasonCode(packed: 0x41_43_30_34)
    /// Account blocked.
    public static let ac06 = ReasonCode(packed: 0x41_43_30_36)
    /// Creditor account closed.
    public static let ac07 = ReasonCode(packed: 0x41_43_30_37)
    /// Creditor account type not allowed.
    public static let ac14 = ReasonCode(packed: 0x41_43_31_34)
    /// Transaction forbidden on this type of account.
    public static let ag01 = ReasonCode(packed: 0x41_47_30_31)
    /// Transaction type not supported: HIGH where the destination has none.
    public static let ag03 = ReasonCode(packed: 0x41_47_30_33)
    /// Creditor agent suspended.
    public static let ag11 = ReasonCode(packed: 0x41_47_31_31)
    /// Agent in the payment workflow is incorrect.
    public static let agnt = ReasonCode(packed: 0x41_47_4E_54)
    /// Amount above the maximum.
    public static let am02 = ReasonCode(packed: 0x41_4D_30_32)
    /// Currency cannot be used.
    public static let am03 = ReasonCode(packed: 0x41_4D_30_33)
    /// Insufficient funds.
    public static let am04 = ReasonCode(packed: 0x41_4D_30_34)
    /// Duplicate.
    public static let am05 = ReasonCode(packed: 0x41_4D_30_35)
    /// Amount below the agreed minimum.
    public static let am06 = ReasonCode(packed: 0x41_4D_30_36)
    /// Amount exceeds the clearing system's limit.
    public static let am13 = ReasonCode(packed: 0x41_4D_31_33)
    /// Amount exceeds the agreed limit.
    public static let am14 = ReasonCode(packed: 0x41_4D_31_34)
    /// Amount exceeds the limit agreed with the customer or for the period.
    public static let am21 = ReasonCode(packed: 0x41_4D_32_31)
    /// Amount exceeds the settlement limit.
    public static let am23 = ReasonCode(packed: 0x41_4D_32_33)
    /// Name and account are inconsistent.
    public static let be01 = ReasonCode(packed: 0x42_45_30_31)
    /// Creditor unknown by name or account.
    public static let be06 = ReasonCode(packed: 0x42_45_30_36)
    /// Proxy not registered.
    public static let be23 = ReasonCode(packed: 0x42_45_32_33)
    /// Creditor identifier incorrect.
    public static let ch11 = ReasonCode(packed: 0x43_48_31_31)
    /// Number of decimals not legal for the currency.
    public static let ch20 = ReasonCode(packed: 0x43_48_32_30)
    /// Compulsory element missing, blank, or proprietary where a code is required.
    public static let ch21 = ReasonCode(packed: 0x43_48_32_31)
    /// Creditor bank is not registered under this BIC.
    public static let cnor = ReasonCode(packed: 0x43_4E_4F_52)
    /// Currency incorrect.
    public static let curr = ReasonCode(packed: 0x43_55_52_52)
    /// Duplicate message id.
    public static let du01 = ReasonCode(packed: 0x44_55_30_31)
    /// Duplicate transaction.
    public static let du03 = ReasonCode(packed: 0x44_55_30_33)
    /// Duplicate payment.
    public static let dupl = ReasonCode(packed: 0x44_55_50_4C)
    /// Settlement failed.
    public static let ed05 = ReasonCode(packed: 0x45_44_30_35)
    /// Settlement system not available.
    public static let ed06 = ReasonCode(packed: 0x45_44_30_36)
    /// Message does not conform to the schema or to the network's use of it.
    public static let ff01 = ReasonCode(packed: 0x46_46_30_31)
    /// Technical fault at the bank.
    public static let ff10 = ReasonCode(packed: 0x46_46_31_30)
    /// Fraud suspected in a payment.
    public static let fr01 = ReasonCode(packed: 0x46_52_30_31)
    /// Fraud suspected in a look-up.
    public static let frad = ReasonCode(packed: 0x46_52_41_44)
    /// Account holder deceased.
    public static let md07 = ReasonCode(packed: 0x4D_44_30_37)
    /// Unspecified reason of the customer.
    public static let ms02 = ReasonCode(packed: 0x4D_53_30_32)
    /// Unspecified reason of the agent.
    public static let ms03 = ReasonCode(packed: 0x4D_53_30_33)
    /// See the narrative in the additional information.
    public static let narr = ReasonCode(packed: 0x4E_41_52_52)
    /// Creditor bank identifier invalid or missing.
    public static let rc04 = ReasonCode(packed: 0x52_43_30_34)
    /// Debtor agent's BIC invalid: resolution only.
    public static let rc06 = ReasonCode(packed: 0x52_43_30_36)
    /// Creditor agent's BIC or identifier invalid, blank or unknown.
    public static let rc07 = ReasonCode(packed: 0x52_43_30_37)
    /// Creditor clearing system member identifier invalid or missing.
    public static let rc10 = ReasonCode(packed: 0x52_43_31_30)
    /// Intermediary agent or its account invalid.
    public static let rc11 = ReasonCode(packed: 0x52_43_31_31)
    /// Debtor account or identifier missing: resolution only.
    public static let rr01 = ReasonCode(packed: 0x52_52_30_31)
    /// Debtor name or address insufficient.
    public static let rr02 = ReasonCode(packed: 0x52_52_30_32)
    /// Creditor name or address insufficient.
    public static let rr03 = ReasonCode(packed: 0x52_52_30_33)
    /// Regulatory reason.
    public static let rr04 = ReasonCode(packed: 0x52_52_30_34)
    /// Received too late: acceptance too old.
    public static let tm01 = ReasonCode(packed: 0x54_4D_30_31)
    /// Creditor unknown.
    public static let ucrd = ReasonCode(packed: 0x55_43_52_44)
}

import SelatISO20022

/// The reasons a pacs.002 may carry on this network. Rulebook: Reason codes.
///
/// The scheme's page of pacs.002 lists them; FF01, which it uses elsewhere, belongs to them.
enum StatusReasons {
    private static let codes: Set<String> = Set(
        """
        AB01 AB02 AB03 AB04 AB05 AB06 AB08 AB09 AB10 AC04 AC06 AC07 AC14 AG01 AG03 AG11 AGNT \
        AM02 AM03 AM04 AM05 AM06 AM07 AM13 AM14 AM15 AM21 AM23 BE01 BE04 BE05 BE06 BE07 CH11 \
        CH20 CH21 CNOR CURR DU01 DU02 DU03 DU04 DU05 DUPL ED05 ED06 FF01 FF10 FR01 MD07 MS02 \
        MS03 NARR RC04 RC07 RC10 RC11 RR02 RR03 RR04 TM01 UCRD
        """.split(separator: " ").map(String.init)
    )

    /// On the list; NARR only with the narrative it announces.
    static func isComplete(_ reason: StatusReason) -> Bool {
        guard codes.contains(reason.code) else { return false }
        return reason.code != ReasonCode.narr.code || !reason.additionalInformation.isEmpty
    }
}

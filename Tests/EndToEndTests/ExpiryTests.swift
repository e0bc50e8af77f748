import SelatNode
import SelatRuntime
import SelatSQLite
import SelatScheme
import SelatTime
import Testing

/// A quote's 600 seconds are the scheme's and no setting shortens them; so the hub's clock is
/// moved, in a region of its own. A node never lives before the greatest instant in its store.
@Suite(.serialized, .region()) struct ExpiryTests {
    @Test func aQuoteThatHasExpiredIsRefused() throws {
        let region = try Region.shared()
        let uetr = Order.newIdentity()
        let body = try region.body(.usual, uetr)
        try region.end("hub")
        try moveClock(of: "hub", in: region, by: .seconds(601))
        // Without this the acceptance, which is now, would be too old by the hub's clock.
        try region.start(
            "hub",
            with: Region.Edit(
                node: "hub",
                present: "kind: hub",
                wanted: "kind: hub\ntimes: { normalAge: 30min }"
            )
        )
        let answer = try region.client("ips-sg").call(
            "pay",
            of: PartyID(checked: Order.usual.debtorAgent),
            body
        )
        #expect(answer.status == 200)
        #expect(try region.ending(.usual, uetr) == Ending(state: "rejected", reason: "AB04"))
        try region.settle(uetr)
        let said = try region.texts(uetr, kind: 2, "out", with: "ips-sg", at: "hub")
        #expect(said.count == 1 && said[0].contains("Rule H16"), "\(said)")
    }

    private func moveClock(
        of node: String,
        in region: Region,
        by duration: Duration
    ) throws {
        let store = try SQLiteStore(path: "\(region.directory)/\(node).sqlite")
        var batch = CommitBatch(at: RawPayment.now() + duration)
        let alert = Alert(.notice, uetr: nil, "the clock was set ahead")
        batch.alerts = [AlertRow(at: batch.at, instance: .hub, alert: alert)]
        #expect(store.commit(batch) == .committed)
    }
}

import Glibc
import SelatJSON
import SelatNode
import SelatRuntime
import SelatScheme
import SelatTime
import Testing

/// Two real nodes in one process: sockets, TLS, sessions, stores.
@Suite(.serialized) struct TwoNodesTests {
    @Test func messagesArriveOnceAndInOrder() throws {
        let region = try TestRegion()
        try region.startHub()
        try region.startCountry()
        let country = try region.client("ips-sg")
        let answer = try country.call("announce", of: TestRegion.country, ["count": 500])
        #expect(answer.status == 200)
        #expect(try region.until { try region.seen(.hub, at: "hub") >= 500 })
        #expect(try region.seen(.hub, at: "hub") == 500)
    }

    @Test func messagesWaitForAHubThatIsDown() throws {
        let region = try TestRegion()
        try region.startHub()
        try region.startCountry()
        #expect(try region.until { try region.isUp() })
        #expect(try region.stop("hub") == .stopped("the test asked for it"))
        let country = try region.client("ips-sg")
        _ = try country.call("announce", of: TestRegion.country, ["count": 40])
        try region.startHub()
        #expect(try region.until { try region.seen(.hub, at: "hub") >= 40 })
        #expect(try region.seen(.hub, at: "hub") == 40)
    }

    @Test func messagesOutliveARestartOfTheirSender() throws {
        let region = try TestRegion()
        try region.startHub()
        try region.stop("hub")
        try region.startCountry()
        let country = try region.client("ips-sg")
        _ = try country.call("announce", of: TestRegion.country, ["count": 7])
        try region.stop("ips-sg")
        try region.startHub()
        try region.startCountry()
        #expect(try region.until { try region.seen(.hub, at: "hub") >= 7 })
        #expect(try region.seen(.hub, at: "hub") == 7)
    }

    @Test func requestsAreRelayedToTheHubAndBack() throws {
        let region = try TestRegion()
        try region.startHub()
        try region.startCountry()
        #expect(try region.until { try region.isUp() })
        let country = try region.client("ips-sg")
        let answer = try country.call("count", of: .hub, as: TestRegion.bank)
        #expect(answer.status == 200)
        #expect(answer.body == 0)
    }

    @Test func requestWithoutALinkIsAnsweredUnavailable() throws {
        let region = try TestRegion()
        try region.startHub()
        try region.stop("hub")
        try region.startCountry()
        let country = try region.client("ips-sg")
        let answer = try country.call("count", of: .hub, as: TestRegion.bank)
        #expect(answer.status == 503)
    }

    @Test func operatorActsOnlyAsWhoLivesHere() throws {
        let region = try TestRegion()
        try region.startHub()
        let hub = try region.client("hub")
        let stranger = PartyID(checked: "LTUSTHB0")
        #expect(try hub.call("count", of: .hub, as: stranger).status == 403)
        #expect(try hub.call("count", of: .hub, as: .hub).status == 200)
        #expect(try hub.call("count", of: .hub).status == 200)
        #expect(try hub.call("count", of: stranger).status == 404)
    }

    @Test func operatorIsNotReachableOverALink() throws {
        let region = try TestRegion()
        try region.startHub()
        try region.startCountry()
        #expect(try region.until { try region.isUp() })
        // The country's operator may not become the hub's.
        let country = try region.client("ips-sg")
        #expect(try country.call("count", of: .hub).status == 403)
    }

    @Test func aNodeOutsideTheTopologyIsRefused() throws {
        let region = try TestRegion()
        try region.startHub()
        try region.startCountry(as: "ips-th")
        let hub = try region.client("hub")
        let isRefused = try region.until {
            let answer = try hub.call("status", of: OperatorProtocol.node)
            return try answer.body.cursor.member("counts").integer("refusedHandshakes", Int.self)
                > 0
        }
        #expect(isRefused)
        #expect(try !region.isUp("ips-th"))
    }

    @Test func statusSaysWhoAndWithWhom() throws {
        let region = try TestRegion()
        try region.startHub()
        try region.startCountry()
        #expect(try region.until { try region.isUp() })
        let country = try region.client("ips-sg")
        let status = try country.call("status", of: OperatorProtocol.node).body
        #expect(status["node"] == "ips-sg")
        #expect(status["kind"] == "country")
        #expect(status["parties"] == ["MRLNSGS0", "sg"])
        #expect(status["openPayments"] == 0)
        #expect(status["oldestInDoubtMilliseconds"] == .null)
        #expect(try status.cursor.elements("links").first?.string("node") == "hub")
    }

    @Test func nodeAnswersOnlyItsOwnOperations() throws {
        let region = try TestRegion()
        try region.startHub()
        let hub = try region.client("hub")
        #expect(try hub.call("pay", of: OperatorProtocol.node).status == 404)
        #expect(try hub.call("trace", of: OperatorProtocol.node).status == 400)
        #expect(try hub.call("trace", of: OperatorProtocol.node, ["uetr": "x"]).status == 400)
        #expect(try hub.call("status", of: OperatorProtocol.node, as: .hub).status == 403)
        let unknown = UUIDv4(Seed(high: 1, low: 2)).description
        let trace = try hub.call("trace", of: OperatorProtocol.node, ["uetr": .string(unknown)])
        #expect(trace.status == 200)
        #expect(trace.body["history"] == [])
    }

    @Test func operatorStopsTheNode() throws {
        let region = try TestRegion()
        try region.startHub()
        let hub = try region.client("hub")
        #expect(try hub.call("stop", of: OperatorProtocol.node).status == 200)
        #expect(try region.stop("hub") == .stopped("the operator asked for it"))
    }

    @Test func socketIsForItsOwnerOnly() throws {
        let region = try TestRegion()
        try region.startHub()
        var status = stat()
        let path = NodeFiles(directory: region.directory, node: "hub").socket
        #expect(unsafe stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        try region.stop("hub")
        #expect(unsafe stat(path, &status) != 0)
    }

    @Test func secondNodeOnOneDatabaseIsRefused() throws {
        let region = try TestRegion()
        try region.startHub()
        #expect(throws: StoreError.self) { try region.startHub() }
    }
}

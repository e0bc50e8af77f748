import COpenSSL
import NIOCore
import SelatTLS
import SelatTime
import Testing

/// One peer that must not get in.
struct RefusalCase: CustomTestStringConvertible, Sendable {
    let name: String
    /// Why the honest side refuses.
    let isExpected: @Sendable (TLSRefusal.Cause) -> Bool
    /// The alert the refused side gets. RFC 8446 section 6.2.
    let alert: UInt8
    /// The bad peer's credentials; `hub` and `ips-sg` are named, in the roles `hub` and `ips`.
    let credentials:
        @Sendable (TestAuthority, _ nodeID: String, _ role: String) throws
            -> TLSCredentials

    var testDescription: String { name }

    static let all: [RefusalCase] = [
        RefusalCase(name: "wrong authority", isExpected: \.isUntrusted, alert: 48) {
            ca,
            node,
            role in
            let directory = ca.directory + "/stranger"
            let other = try CertificateAuthority.create(at: directory, name: "No CA", now: .today)
            _ = try other.issue(CertificateRequest(nodeID: node, role: role), now: .today)
            return other.credentials(for: node)
        },
        RefusalCase(name: "expired", isExpected: \.isExpired, alert: 45) { ca, node, role in
            try ca.issue(node, role: role, at: .today - .seconds(7200), validity: .seconds(3600))
        },
        RefusalCase(name: "not yet valid", isExpected: \.isNotYetValid, alert: 42) {
            ca,
            node,
            role in
            let tomorrow = Instant.today + .seconds(86_400)
            let credentials = try ca.issue(node, role: role, at: tomorrow)
            // That order dated the revocation list tomorrow as well.
            try ca.authority.renewRevocationList(now: .today)
            return credentials
        },
        RefusalCase(name: "revoked", isExpected: \.isRevoked, alert: 44) { ca, node, role in
            let credentials = try ca.issue(node, role: role)
            try ca.authority.revoke(.node(node), now: .today)
            return credentials
        },
        RefusalCase(
            name: "certificate for another purpose",
            isExpected: \.isUnsuitable,
            alert: 43
        ) { ca, node, role in
            try RogueCertificate.issue(
                under: ca,
                alternativeNames: "URI:selat:\(node),URI:selat:role:\(role)",
                usage: "codeSigning"
            )
        },
        RefusalCase(name: "no identity", isExpected: \.isWithoutIdentity, alert: 42) { ca, _, _ in
            try RogueCertificate.issue(under: ca, alternativeNames: "DNS:hub")
        },
        RefusalCase(name: "no names at all", isExpected: \.isWithoutIdentity, alert: 42) {
            ca,
            _,
            _ in
            try RogueCertificate.issue(under: ca, alternativeNames: nil)
        },
        RefusalCase(name: "two identities", isExpected: \.isWithoutIdentity, alert: 42) {
            ca,
            node,
            role in
            try RogueCertificate.issue(
                under: ca,
                alternativeNames: "URI:selat:\(node),URI:selat:other,URI:selat:role:\(role)"
            )
        },
        RefusalCase(name: "malformed identity", isExpected: \.isWithoutIdentity, alert: 42) {
            ca,
            node,
            _ in
            try RogueCertificate.issue(under: ca, alternativeNames: "URI:selat:\(node)/x")
        },
        RefusalCase(name: "unknown identity", isExpected: \.isUnknownOrWrongNode, alert: 42) {
            ca,
            _,
            role in
            try ca.issue("stranger", role: role)
        },
        RefusalCase(name: "wrong role", isExpected: \.isWrongRole, alert: 42) { ca, node, _ in
            try ca.issue(node, role: "fxp")
        },
        RefusalCase(name: "no role", isExpected: \.isWrongRole, alert: 42) { ca, node, _ in
            try RogueCertificate.issue(under: ca, alternativeNames: "URI:selat:\(node)")
        },
    ]
}

@Suite
struct RefusalTests {
    private let ca: TestAuthority

    init() throws { ca = try TestAuthority() }

    @Test(arguments: RefusalCase.all)
    func theServerRefusesBeforeAnyByte(refusal: RefusalCase) throws {
        let hub = try ca.issue("hub", role: "hub")
        let bad = try refusal.credentials(ca, "ips-sg", "ips")
        let rogue = try RoguePeer(
            credentials: bad,
            eager: Array("pay me".utf8)
        )
        let seen = try meet(rogue, hub)
        guard case .refused(let cause) = seen.end else {
            Issue.record("expected a refusal, got \(String(describing: seen.end))")
            return
        }
        #expect(refusal.isExpected(cause), "\(cause)")
        #expect(seen.established == nil)
        #expect(seen.plaintext.isEmpty)
        #expect(rogue.alert == refusal.alert)
    }

    @Test(arguments: RefusalCase.all)
    func theClientRefusesBeforeAnyByte(refusal: RefusalCase) throws {
        let ips = try ca.issue("ips-sg", role: "ips")
        let bad = try refusal.credentials(ca, "hub", "hub")
        let rogue = try RoguePeer(.server, credentials: bad, eager: Array("rates".utf8))
        let seen = try meet(ips, rogue)
        guard case .refused(let cause) = seen.end else {
            Issue.record("expected a refusal, got \(String(describing: seen.end))")
            return
        }
        #expect(refusal.isExpected(cause), "\(cause)")
        #expect(seen.established == nil)
        #expect(seen.plaintext.isEmpty)
        #expect(rogue.alert == refusal.alert)
    }

    @Test
    func aClientWithoutCertificateIsRefused() throws {
        let hub = try ca.issue("hub", role: "hub")
        let rogue = try RoguePeer(credentials: nil, eager: [1, 2, 3])
        let seen = try meet(rogue, hub)
        #expect(seen.end == .refused(.noCertificate))
        #expect(seen.established == nil)
        #expect(seen.plaintext.isEmpty)
        #expect(rogue.alert == 116)
    }

    @Test
    func aServerThatAsksNobodyIsRefused() throws {
        let ips = try ca.issue("ips-sg", role: "ips")
        let hub = try ca.issue("hub", role: "hub")
        // The hub's own certificate, but no request for the client's.
        let seen = try meet(ips, RoguePeer(.server, credentials: hub, eager: [1, 2, 3]))
        #expect(seen.end == .refused(.noCertificateRequest))
        #expect(seen.established == nil)
        #expect(seen.plaintext.isEmpty)
    }

    @Test
    func tls12IsRefused() throws {
        let hub = try ca.issue("hub", role: "hub")
        let ips = try ca.issue("ips-sg", role: "ips")
        let rogue = try RoguePeer(version: TLS1_2_VERSION, credentials: ips, eager: [1])
        let seen = try meet(rogue, hub)
        #expect(seen.end == .refused(.protocolVersion))
        #expect(rogue.alert == 70)
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\nHost: hub\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "\u{0}\u{0}\u{0}\u{8}pay",
    ])
    func otherProtocolsAreRefused(bytes: String) throws {
        let hub = try ca.issue("hub", role: "hub")
        var server = try TLSEngine(context: TLSContext(credentials: hub, role: .server)) { _ in
            .accept
        }
        _ = server.start()
        #expect(server.receive(ByteBuffer(string: bytes)).end == .refused(.notTLS))
    }

    @Test
    func garbageInsideTLSRecordsIsRefused() throws {
        let hub = try ca.issue("hub", role: "hub")
        var server = try TLSEngine(context: TLSContext(credentials: hub, role: .server)) { _ in
            .accept
        }
        _ = server.start()
        // A handshake record of 16 bytes that are no ClientHello.
        let record: [UInt8] = [0x16, 0x03, 0x01, 0x00, 0x10] + [UInt8](repeating: 0xA5, count: 16)
        guard case .refused = server.receive(ByteBuffer(bytes: record)).end else {
            Issue.record("expected a refusal")
            return
        }
        let after = server.receive(ByteBuffer(bytes: record))
        #expect(after == TLSStep())
    }

    @Test
    func anOutdatedRevocationListRefusesEveryone() throws {
        let longAgo = Instant.today - .seconds(200 * 86_400)
        let old = try TestAuthority(now: longAgo)
        let year = Duration.seconds(365 * 86_400)
        let hub = try old.issue("hub", role: "hub", at: longAgo, validity: year)
        let ips = try old.issue("ips-sg", role: "ips", at: longAgo, validity: year)
        let rogue = try RoguePeer(credentials: ips)
        let seen = try meet(rogue, hub)
        guard case .refused(.revocationListOutdated) = seen.end else {
            Issue.record("expected an outdated list, got \(String(describing: seen.end))")
            return
        }
        try old.authority.renewRevocationList(now: .today)
        var pair = try EnginePair(client: ips, server: hub)
        pair.run()
        #expect(pair.serverSaw.established?.nodeID == "ips-sg")
    }

    @Test
    func anotherAuthoritysRevocationListDoesNotCount() throws {
        let other = try TestAuthority()
        let ips = try ca.issue("ips-sg", role: "ips")
        let hub = try ca.issue("hub", role: "hub")
        let mixed = TLSCredentials(
            certificateChainFile: hub.certificateChainFile,
            privateKeyFile: hub.privateKeyFile,
            trustFile: hub.trustFile,
            revocationListFile: other.authority.revocationListFile
        )
        let seen = try meet(RoguePeer(credentials: ips), mixed)
        guard case .refused(.revocationListMissing(let issuer)) = seen.end else {
            Issue.record("expected a missing list, got \(String(describing: seen.end))")
            return
        }
        #expect(issuer == "/O=Selat/CN=Test CA")
    }

    @Test
    func aRefusedClientLearnsItFromTheAlert() throws {
        let hub = try ca.issue("hub", role: "hub")
        let ips = try ca.issue("ips-sg", role: "ips")
        var pair = try EnginePair(
            client: ips,
            server: hub,
            serverAdmits: AdmittedPeers(roles: ["ips-th": "ips"])
        )
        pair.run()
        // TLS 1.3: the client was done before the server judged it.
        #expect(pair.clientSaw.established?.nodeID == "hub")
        #expect(pair.serverSaw.end == .refused(.unknownIdentity(nodeID: "ips-sg")))
        let alert = TLSAlert(code: 42)
        #expect(pair.clientSaw.end == .refused(.refusedByPeer(alert: alert)))
    }

    /// Lets a client, dialling the hub, and a rogue server talk until both are silent.
    private func meet(_ ips: TLSCredentials, _ rogue: RoguePeer) throws -> EnginePair.Observed {
        var seen = EnginePair.Observed()
        var client = try TLSEngine(
            context: TLSContext(credentials: ips, role: .client),
            judge: AdmittedPeers(dialling: "hub", role: "hub").verdict
        )
        var towardsServer = ByteBuffer()
        EnginePair.note(client.start(), &seen, &towardsServer)
        while towardsServer.readableBytes > 0 {
            let answer = rogue.exchange(towardsServer)
            towardsServer.clear()
            EnginePair.note(client.receive(answer), &seen, &towardsServer)
        }
        return seen
    }

    /// Lets a rogue client and a server talk until both are silent.
    private func meet(
        _ rogue: RoguePeer,
        _ hub: TLSCredentials
    ) throws -> EnginePair.Observed {
        var seen = EnginePair.Observed()
        let admitted = AdmittedPeers(roles: ["ips-sg": "ips"])
        var server = try TLSEngine(
            context: TLSContext(credentials: hub, role: .server),
            judge: admitted.verdict
        )
        _ = server.start()
        var towardsServer = rogue.exchange()
        while towardsServer.readableBytes > 0 {
            var towardsClient = ByteBuffer()
            EnginePair.note(server.receive(towardsServer), &seen, &towardsClient)
            towardsServer = rogue.exchange(towardsClient)
        }
        return seen
    }
}

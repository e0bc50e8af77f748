import SelatTLS
import SelatTime
import Testing

/// The lines operators read.
@Suite
struct SentenceTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let cause: TLSRefusal.Cause
        let line: String
        var testDescription: String { line }
    }

    @Test(arguments: [
        Case(
            cause: .noCertificate,
            line: "expected a client certificate, got none; "
                + "give the peer a certificate: 'selat certificates issue'"
        ),
        Case(
            cause: .expired(subject: "/CN=ips-sg", notAfter: Instant(nanoseconds: 0)),
            line: "expected a certificate valid now, got '/CN=ips-sg', expired "
                + "1970-01-01T00:00:00.000Z; "
                + "renew it: 'selat certificates issue', then SIGHUP the peer"
        ),
        Case(
            cause: .unknownIdentity(nodeID: "ips-xx"),
            line: "expected a node named in the topology, got selat:ips-xx; "
                + "add the node to the topology, or stop it from dialling here"
        ),
        Case(
            cause: .wrongRole(nodeID: "ips-sg", expected: "ips", got: nil),
            line: "expected ips-sg in the role ips, got no role; "
                + "correct the topology, or issue the certificate for that role"
        ),
        Case(
            cause: .wrongNode(expected: "hub", got: "ips-sg"),
            line: "expected node hub, got selat:ips-sg; "
                + "correct the link's address or its node in the topology"
        ),
        Case(
            cause: .refusedByPeer(alert: TLSAlert(code: 116)),
            line: "expected the peer to accept this node, got its alert 116 "
                + "(certificate required); "
                + "the peer's log says why; check this node's certificate"
        ),
    ])
    func aRefusalIsOneLine(_ refusal: Case) {
        let text = TLSRefusal(peer: "192.0.2.7:4430", cause: refusal.cause).description
        #expect(text == "refused TLS handshake with 192.0.2.7:4430: \(refusal.line)")
    }

    @Test
    func everyAlertNumberHasASentence() {
        for code in UInt8.min...UInt8.max {
            #expect(TLSAlert(code: code).description.hasPrefix("\(code) ("))
        }
    }
}

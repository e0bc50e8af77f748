import COpenSSL
import Glibc
import SelatTLS
import SelatTime
import Testing

@Suite
struct CredentialTests {
    private let ca: TestAuthority
    private let hub: TLSCredentials

    init() throws {
        ca = try TestAuthority()
        hub = try ca.issue("hub", role: "hub")
    }

    @Test
    func aMissingFileIsNamed() {
        for (credentials, file) in [
            (with(certificate: "/none/c.pem"), "/none/c.pem"),
            (with(key: "/none/k.pem"), "/none/k.pem"),
            (with(trust: "/none/t.pem"), "/none/t.pem"),
            (with(list: "/none/l.pem"), "/none/l.pem"),
        ] {
            expectFault(in: file, credentials)
        }
    }

    @Test
    func anotherCertificatesKeyIsRefused() throws {
        let other = try ca.issue("ips-sg")
        expectFault(in: other.privateKeyFile, with(key: other.privateKeyFile))
    }

    @Test
    func aKeyReadableByEveryoneIsRefused() {
        _ = unsafe chmod(hub.privateKeyFile, 0o644)
        expectFault(in: hub.privateKeyFile, hub)
    }

    @Test
    func anEncryptedKeyFailsInsteadOfAsking() throws {
        let key = unsafe try #require(selat_generate_p256_key())
        defer { unsafe EVP_PKEY_free(key) }
        let stream = unsafe try #require(fopen(hub.privateKeyFile, "w"))
        let cipher = unsafe EVP_aes_256_cbc()
        unsafe PEM_write_PrivateKey(stream, key, cipher, "secret", 6, nil, nil)
        unsafe fclose(stream)
        expectFault(in: hub.privateKeyFile, hub)
    }

    @Test
    func aRevocationFileWithoutAListIsRefused() {
        expectFault(in: hub.trustFile, with(list: hub.trustFile))
    }

    @Test
    func aCertificateWithoutIdentityIsRefused() throws {
        let bad = try RogueCertificate.issue(under: ca, alternativeNames: "DNS:hub")
        expectFault(in: bad.certificateChainFile, bad)
    }

    @Test
    func aFailedReloadChangesNothing() throws {
        let store = try CredentialStore(credentials: hub)
        let before = store.context(for: .server)
        _ = unsafe unlink(hub.trustFile)
        #expect(throws: TLSError.self) { try store.reload() }
        #expect(store.context(for: .server) === before)
    }

    @Test
    func aReloadDoesNotTurnOneNodeIntoAnother() throws {
        let store = try CredentialStore(credentials: hub)
        let before = store.identity
        let other = try ca.issue("ips-sg")
        for (from, to) in [
            (other.certificateChainFile, hub.certificateChainFile),
            (other.privateKeyFile, hub.privateKeyFile),
        ] { _ = unsafe rename(from, to) }
        let error = #expect(throws: TLSError.self) { try store.reload() }
        #expect(store.identity == before)
        #expect(
            error?.description == """
                \(hub.certificateChainFile): expected a certificate of hub, role hub, \
                got one of ips-sg, role ips; put this node's certificate there, or restart as \
                the other node
                """
        )
    }

    @Test
    func theVerdictFollowsTheTopology() throws {
        let identity = try CredentialStore(credentials: hub).identity
        #expect(AdmittedPeers(roles: ["hub": "hub"]).verdict(on: identity) == .accept)
        #expect(AdmittedPeers(dialling: "hub", role: "hub").verdict(on: identity) == .accept)
        #expect(
            AdmittedPeers(roles: ["ips-sg": "ips"]).verdict(on: identity) == .refuseUnknownIdentity
        )
        #expect(
            AdmittedPeers(roles: ["hub": "ips"]).verdict(on: identity)
                == .refuseWrongRole(expected: "ips")
        )
        #expect(
            AdmittedPeers(dialling: "ips-sg", role: "ips").verdict(on: identity)
                == .refuseWrongNode(expected: "ips-sg")
        )
    }

    private func expectFault(in file: String, _ credentials: TLSCredentials) {
        for role in TLSRole.allCases {
            let error = #expect(throws: TLSError.self) {
                try TLSContext(credentials: credentials, role: role)
            }
            guard case .credentials(file, _, _, _) = error else {
                Issue.record("expected \(file) to be named, got \(String(describing: error))")
                return
            }
        }
    }

    private func with(
        certificate: String? = nil,
        key: String? = nil,
        trust: String? = nil,
        list: String? = nil
    ) -> TLSCredentials {
        TLSCredentials(
            certificateChainFile: certificate ?? hub.certificateChainFile,
            privateKeyFile: key ?? hub.privateKeyFile,
            trustFile: trust ?? hub.trustFile,
            revocationListFile: list ?? hub.revocationListFile
        )
    }
}

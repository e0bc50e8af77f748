import Glibc
import SelatTLS
import SelatTime
import Testing

@Suite
struct AuthorityTests {
    private let ca: TestAuthority

    init() throws { ca = try TestAuthority() }

    @Test
    func everyFileIsItsOwnersOnly() throws {
        _ = try ca.issue("hub", role: "hub")
        for directory in ["", "/nodes", "/nodes/hub"] {
            #expect(mode(ca.directory + directory) == 0o700)
        }
        for file in [
            "ca.pem", "ca.key", "crl.pem", "index.txt", "nodes/hub/certificate.pem",
            "nodes/hub/key.pem",
        ] {
            #expect(mode("\(ca.directory)/\(file)") == 0o600, "\(file)")
        }
    }

    @Test
    func aCertificateSaysNodeRoleNamesAndDates() throws {
        let now = Instant.today
        let issued = try ca.authority.issue(
            CertificateRequest(
                nodeID: "ips-sg",
                role: "ips",
                dnsNames: ["ips-sg.example"],
                ipAddresses: ["192.0.2.7", "2001:db8::7"],
                validity: .seconds(3600)
            ),
            now: now
        )
        let shown = try CertificateAuthority.show(
            ca.authority.credentials(for: "ips-sg").certificateChainFile
        )
        #expect(shown == issued)
        #expect(shown.subject == "/O=Selat/CN=ips-sg")
        #expect(shown.issuer == "/O=Selat/CN=Test CA")
        #expect(shown.identity?.nodeID == "ips-sg")
        #expect(shown.identity?.role == "ips")
        #expect(shown.dnsNames == ["ips-sg.example"])
        #expect(shown.ipAddresses == ["192.0.2.7", "2001:db8:0:0:0:0:0:7"])
        #expect(shown.notAfter == now + .seconds(3600))
        #expect(shown.notBefore == now - .seconds(300))
        #expect(!shown.isAuthority)
        let text = """
            subject      /O=Selat/CN=ips-sg
            issuer       /O=Selat/CN=Test CA
            serial       \(shown.serial)
            valid        \(shown.notBefore) to \(shown.notAfter)
            fingerprint  \(shown.fingerprint)
            node         ips-sg
            role         ips
            host names   ips-sg.example
            addresses    192.0.2.7 2001:db8:0:0:0:0:0:7
            """
        #expect(shown.description == text)
    }

    @Test
    func theAuthorityIsOneAndProvesNoNode() throws {
        let shown = try CertificateAuthority.show(ca.authority.certificateFile)
        #expect(shown.isAuthority)
        #expect(shown.identity == nil)
        #expect(shown.subject == shown.issuer)
    }

    @Test
    func serialsAreRandomAndIndexed() throws {
        _ = try ca.issue("hub", role: "hub")
        let first = try CertificateAuthority.show(ca.directory + "/nodes/hub/certificate.pem")
        _ = try ca.issue("hub", role: "hub")
        let second = try CertificateAuthority.show(ca.directory + "/nodes/hub/certificate.pem")
        #expect(first.serial != second.serial)
        #expect(first.serial.count == 32)
        let lines = try index()
        #expect(lines.count == 3)
        #expect(lines[1].hasPrefix("\(first.serial) hub hub "))
        #expect(lines[2].hasSuffix(" - \(second.fingerprint)"))
    }

    @Test
    func revokingANodeRevokesAllItsCertificates() throws {
        _ = try ca.issue("ips-sg")
        _ = try ca.issue("ips-sg")
        _ = try ca.issue("ips-th")
        #expect(try ca.authority.revoke(.node("ips-sg"), now: .today).count == 2)
        #expect(try index().filter { $0.contains(" - ") }.count == 1)
    }

    @Test
    func revokingASerialRevokesOnlyThat() throws {
        let kept = try ca.issue("ips-sg")
        let serial = try CertificateAuthority.show(kept.certificateChainFile).serial
        _ = try ca.issue("ips-sg")
        let revoked = try ca.authority.revoke(.serial(serial.uppercased()), now: .today)
        #expect(revoked == [serial])
    }

    @Test
    func nothingToRevokeIsAnError() throws {
        _ = try ca.issue("ips-sg")
        try ca.authority.revoke(.node("ips-sg"), now: .today)
        for revocation in [
            CertificateAuthority.Revocation.node("ips-sg"), .node("ips-th"), .serial("00"),
        ] {
            #expect(throws: TLSError.self) {
                try ca.authority.revoke(revocation, now: .today)
            }
        }
    }

    @Test
    func aSecondAuthorityInTheSameDirectoryIsRefused() throws {
        let before = try CertificateAuthority.show(ca.authority.certificateFile)
        #expect(throws: TLSError.self) {
            try CertificateAuthority.create(at: ca.directory, name: "Usurper", now: .today)
        }
        #expect(try CertificateAuthority.show(ca.authority.certificateFile) == before)
    }

    @Test(arguments: [
        "", "IPS-SG", "-hub", "hub,DNS:bank.example", "role:hub", "../hub", "hub\n", "h\u{FC}b",
        String(repeating: "a", count: 64),
    ])
    func namesOutOfRangeAreRefused(name: String) throws {
        #expect(throws: TLSError.self) { try ca.issue(name) }
        #expect(throws: TLSError.self) { try ca.issue("hub", role: name) }
        #expect(try index().count == 1)
    }

    @Test
    func theLongestNameIsAccepted() throws {
        let name = String(repeating: "a", count: 63)
        let issued = try ca.issue(name, role: name)
        let identity = try CertificateAuthority.show(issued.certificateChainFile).identity
        #expect(identity?.nodeID == name)
    }

    @Test
    func hostNamesAndAddressesAreChecked() {
        for (names, addresses) in [
            (["a,URI:selat:hub"], []), (["*.example"], []), ([], ["192.0.2"]), ([], ["hub"]),
        ] {
            let request = CertificateRequest(
                nodeID: "hub",
                role: "hub",
                dnsNames: names,
                ipAddresses: addresses
            )
            #expect(throws: TLSError.self) { try ca.authority.issue(request, now: .today) }
        }
    }

    @Test
    func aDamagedIndexStopsEveryOrderAndNamesTheLine() throws {
        let file = ca.directory + "/index.txt"
        let stream = unsafe try #require(fopen(file, "a"))
        unsafe fputs("half a line\n", stream)
        unsafe fclose(stream)
        let error = #expect(throws: TLSError.self) { try ca.issue("hub", role: "hub") }
        #expect(
            error?.description == """
                \(file):2: expected seven fields: serial node role notAfter issued revoked \
                fingerprint, got 'half a line'; restore the index from a backup; it is written \
                by this tool only
                """
        )
    }

    private func index() throws -> [String] {
        let stream = unsafe try #require(fopen(ca.directory + "/index.txt", "r"))
        defer { unsafe fclose(stream) }
        var lines: [String] = []
        while let line = unsafe readLine(from: stream) { lines.append(line) }
        return lines
    }

    private func readLine(from stream: UnsafeMutablePointer<FILE>) -> String? {
        var buffer = [CChar](repeating: 0, count: 1024)
        guard unsafe fgets(&buffer, 1024, stream) != nil else { return nil }
        let bytes = buffer.prefix { $0 != 0 && $0 != 0x0A }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func mode(_ path: String) -> UInt32 {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return 0 }
        return status.st_mode & 0o777
    }
}

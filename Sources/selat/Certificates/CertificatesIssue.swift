import ArgumentParser
import SelatJSON
import SelatTLS

/// `selat certificates issue`
struct CertificatesIssue: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "issue",
        abstract: "Issue a key and a certificate to a node.",
        discussion: """
            Files: DIR/pki/nodes/<node>/certificate.pem and key.pem. A running node takes up its \
            new certificate on SIGHUP; the earlier one stays good until it expires or is revoked.
            """
    )

    @Argument(help: "The node's id, such as ips-sg.")
    var node: String

    @Option(
        help: ArgumentHelp(
            "The role it proves: hub, ips, fxp or psp. Without it: that of its present certificate, "
                + "else what its id begins with (hub, ips-, fx-, psp-)."
        ),
        completion: .list(["hub", "ips", "fxp", "psp"])
    )
    var role: String?

    @Option(help: "How long it is valid, in days: 1 to 3650.")
    var days = 397

    @Option(name: .customLong("dns"), help: "A host name, for browsers and curl; repeatable.")
    var hostNames: [String] = []

    @Option(name: .customLong("ip"), help: "An address, for browsers and curl; repeatable.")
    var addresses: [String] = []

    @OptionGroup package var data: DataOptions
    @OptionGroup package var options: OutputOptions

    init() {}

    func validate() throws {
        guard (1...3650).contains(days) else {
            throw ValidationError("--days: expected 1 to 3650, got \(days)")
        }
    }

    func run() throws {
        let output = options.output
        let authority = Certificates.authority(data)
        let request = CertificateRequest(
            nodeID: node,
            role: try role ?? presentRole(authority) ?? CertificatesIssue.role(ofNode: node),
            dnsNames: hostNames,
            ipAddresses: addresses,
            validity: .seconds(days * 86_400)
        )
        let summary = try authority.issue(request, now: WallClock.now())
        let lines = [CertificateLine(summary)]
        output.result(CertificateLine.table(lines))
        output.document("certificates", CertificateLine.members(lines))
    }

    /// The role of the certificate that the node has now.
    private func presentRole(_ authority: CertificateAuthority) -> String? {
        let file = authority.credentials(for: node).certificateChainFile
        do throws(TLSError) {
            return try CertificateAuthority.show(file).identity?.role
        } catch {
            return nil
        }
    }

    /// The role that a node's id suggests.
    ///
    /// - Parameter node: Such as `ips-sg`.
    /// - Returns: `hub`, `ips`, `fxp` or `psp`.
    /// - Throws: `CommandFailure` when the id suggests none.
    static func role(ofNode node: String) throws(CommandFailure) -> String {
        switch node.split(separator: "-", maxSplits: 1).first {
        case "hub": return "hub"
        case "ips": return "ips"
        case "fx", "fxp": return "fxp"
        case "psp": return "psp"
        default:
            throw CommandFailure(
                Exit.usage,
                "expected --role hub, ips, fxp or psp, got none, and the node's id suggests none; "
                    + "add --role"
            )
        }
    }
}

import Glibc
import SelatRuntime
import SelatTLS
import SelatTime

/// The certificates that a region's nodes start with.
enum RegionCertificates {
    /// A certificate with less than this left is issued anew.
    private static let margin = Duration.seconds(30 * 86_400)

    /// Makes the development authority when there is none, issues to every node that has no
    /// certificate, one of another role or one that is running out, and renews the revocation list.
    ///
    /// - Parameters:
    ///   - directory: `DIR`.
    ///   - nodes: The region's.
    ///   - now: The time.
    /// - Returns: The nodes that got a certificate.
    /// - Throws: `TLSError`.
    static func prepare(
        in directory: String,
        for nodes: [NodeConfiguration],
        now: Instant
    ) throws(TLSError) -> [String] {
        var authority = CertificateAuthority(directory: "\(directory)/pki")
        if unsafe access(authority.certificateFile, F_OK) != 0 {
            authority = try CertificateAuthority.create(
                at: authority.directory,
                name: "Selat development authority",
                now: now
            )
        } else {
            try authority.renewRevocationList(now: now)
        }
        var issued: [String] = []
        for node in nodes where needsCertificate(node, authority, now) {
            let request = CertificateRequest(
                nodeID: node.node,
                role: node.kindName.certificateRole
            )
            _ = try authority.issue(request, now: now)
            issued.append(node.node)
        }
        return issued
    }

    private static func needsCertificate(
        _ node: NodeConfiguration,
        _ authority: CertificateAuthority,
        _ now: Instant
    ) -> Bool {
        let files = authority.credentials(for: node.node)
        guard unsafe access(files.privateKeyFile, F_OK) == 0 else { return true }
        do throws(TLSError) {
            let present = try CertificateAuthority.show(files.certificateChainFile)
            return present.identity?.nodeID != node.node
                || present.identity?.role != node.kindName.certificateRole
                || present.notAfter < now + margin
        } catch {
            return true
        }
    }
}

import Glibc
import SelatRuntime
import SelatTLS
import SelatTime

/// The certificates that a region's nodes start with.
enum RegionCertificates {
    /// A certificate with less than this left is issued anew.
    private static let margin = Duration.seconds(30 * 86_400)

    /// Makes the development authority when there is none, issues to every node, the attached ones
    /// included, that has no certificate, one of another role or one that is running out, and
    /// renews the revocation list.
    ///
    /// - Parameters:
    ///   - directory: `DIR`.
    ///   - topology: The region.
    ///   - now: The time.
    /// - Returns: The nodes that got a certificate.
    /// - Throws: `TLSError`.
    static func prepare(
        in directory: String,
        for topology: Topology,
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
        let seat = NodeConfiguration.KindName.participant.certificateRole
        let wanted =
            topology.nodes.map { ($0.node, $0.kindName.certificateRole) }
            + topology.attached.map { ($0, seat) }
        for (node, role) in wanted where needsCertificate(node, role, authority, now) {
            _ = try authority.issue(CertificateRequest(nodeID: node, role: role), now: now)
            issued.append(node)
        }
        return issued
    }

    private static func needsCertificate(
        _ node: String,
        _ role: String,
        _ authority: CertificateAuthority,
        _ now: Instant
    ) -> Bool {
        let files = authority.credentials(for: node)
        guard unsafe access(files.privateKeyFile, F_OK) == 0 else { return true }
        do throws(TLSError) {
            let present = try CertificateAuthority.show(files.certificateChainFile)
            return present.identity?.nodeID != node
                || present.identity?.role != role
                || present.notAfter < now + margin
        } catch {
            return true
        }
    }
}

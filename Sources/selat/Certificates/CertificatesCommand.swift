import ArgumentParser
import SelatTLS

/// The region's own small certificate authority.
struct Certificates: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make, issue, revoke and show certificates.",
        discussion: """
            The authority lives in DIR/pki. 'selat up' makes it and issues what its nodes need; \
            these commands are for everything else. Any other authority will do that puts \
            URI:selat:<node> and URI:selat:role:<role> into the subjectAltName.
            """,
        subcommands: [
            CertificatesInit.self, CertificatesIssue.self, CertificatesRevoke.self,
            CertificatesShow.self,
        ]
    )

    init() {}

    /// The authority of a data directory.
    static func authority(_ data: DataOptions) -> CertificateAuthority {
        CertificateAuthority(directory: "\(data.directory)/pki")
    }
}

import ArgumentParser
import SelatJSON
import SelatRuntime
import SelatTLS

/// `selat certificates init`
struct CertificatesInit: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make an authority, and certificates for the nodes of a topology."
    )

    @Argument(
        help: ArgumentHelp("A topology whose nodes get certificates.", valueName: "topology"),
        completion: .file(extensions: ["yaml"])
    )
    var topology: String?

    @Option(help: "The authority's name.")
    var name = "Selat development authority"

    @OptionGroup package var data: DataOptions
    @OptionGroup package var options: OutputOptions

    init() {}

    func run() throws {
        let output = options.output
        let nodes = try topology.map { try Topology.read(file: $0).nodes } ?? []
        try DataDirectory.make(data.directory)
        let now = WallClock.now()
        let authority = try CertificateAuthority.create(
            at: "\(data.directory)/pki",
            name: name,
            now: now
        )
        var lines = [CertificateLine(authority: try authority.summary)]
        for node in nodes {
            let request = CertificateRequest(
                nodeID: node.node,
                role: node.kindName.certificateRole
            )
            lines.append(CertificateLine(try authority.issue(request, now: now)))
        }
        output.result(CertificateLine.table(lines))
        output.document("certificates", CertificateLine.members(lines))
    }
}

extension CertificateAuthority {
    /// What the authority's own certificate says.
    var summary: CertificateSummary {
        get throws(TLSError) { try CertificateAuthority.show(certificateFile) }
    }
}

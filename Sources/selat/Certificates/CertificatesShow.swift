import ArgumentParser
import Glibc
import SelatJSON
import SelatTLS

/// `selat certificates show`
struct CertificatesShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show what certificates say.",
        discussion: "Without an argument: the authority's and those of all nodes in DIR/pki."
    )

    @Argument(
        help: ArgumentHelp("A PEM file, or a node in DIR/pki.", valueName: "file-or-node"),
        completion: .file(extensions: ["pem"])
    )
    var subject: String?

    @OptionGroup package var data: DataOptions
    @OptionGroup package var options: OutputOptions

    init() {}

    func run() throws {
        let output = options.output
        let authority = Certificates.authority(data)
        guard let subject else {
            let lines = try all(authority)
            output.result(CertificateLine.table(lines))
            output.document("certificates", CertificateLine.members(lines))
            return
        }
        let isFile = unsafe access(subject, F_OK) == 0 || subject.contains("/")
        let file = isFile ? subject : authority.credentials(for: subject).certificateChainFile
        let summary = try CertificateAuthority.show(file)
        output.result(summary.description)
        output.document("certificates", CertificateLine.members([CertificateLine(summary)]))
    }

    private func all(_ authority: CertificateAuthority) throws -> [CertificateLine] {
        var lines = [CertificateLine(authority: try authority.summary)]
        for node in try DataDirectory.entries("\(authority.directory)/nodes") {
            let file = authority.credentials(for: node).certificateChainFile
            lines.append(CertificateLine(try CertificateAuthority.show(file)))
        }
        return lines
    }
}

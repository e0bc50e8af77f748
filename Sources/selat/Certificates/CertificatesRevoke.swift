import ArgumentParser
import SelatJSON
import SelatTLS

/// `selat certificates revoke`
struct CertificatesRevoke: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Revoke a node's certificates, or one by its serial number.",
        discussion: "Running nodes take up the new revocation list on SIGHUP."
    )

    @Argument(help: "The node whose every certificate is revoked.")
    var node: String?

    @Option(help: "One certificate, by its serial number in hexadecimal.")
    var serial: String?

    @OptionGroup package var data: DataOptions
    @OptionGroup package var options: OutputOptions

    init() {}

    func validate() throws {
        guard (node == nil) != (serial == nil) else {
            throw ValidationError("expected a node or --serial, one of the two")
        }
    }

    func run() throws {
        let output = options.output
        let revocation: CertificateAuthority.Revocation =
            if let serial { .serial(serial) } else { .node(node ?? "") }
        let serials = try Certificates.authority(data).revoke(revocation, now: WallClock.now())
        for serial in serials { output.result("revoked \(serial)") }
        output.note("running nodes go by the new list after SIGHUP")
        output.document(
            "revoked",
            [JSONMember("serials", .array(serials.map { .string($0) }))]
        )
    }
}

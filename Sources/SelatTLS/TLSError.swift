/// What can go wrong in this module. Descriptions say what was expected, what came and what to do;
/// they hold no key material and no application bytes.
package enum TLSError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A certificate, key, trust or revocation file is unusable. The operator's to mend.
    case credentials(file: String, expected: String, got: String, remedy: String)
    /// The certificate authority refused an order: a name out of range, a directory in use.
    case authority(expected: String, got: String, remedy: String)
    /// The handshake was refused, by us or by the peer. Already reported as a refusal.
    case refused(TLSRefusal)
    /// The peer hung up without saying goodbye (no close_notify): bytes may be missing.
    case truncated(peer: String)
    /// An established peer sent a record that does not authenticate or breaks TLS 1.3.
    case brokenRecord(peer: String, got: String)
    /// Bytes were written to a connection that is closing or closed.
    case closed
    /// OpenSSL itself failed: no memory, no random bytes, a provider that will not load.
    case library(operation: String, got: String)

    package var description: String {
        switch self {
        case .credentials(let file, let expected, let got, let remedy):
            "\(file): expected \(expected), got \(got); \(remedy)"
        case .authority(let expected, let got, let remedy):
            "expected \(expected), got \(got); \(remedy)"
        case .refused(let refusal):
            refusal.description
        case .truncated(let peer):
            "\(peer): expected close_notify before the end of the stream, got a bare end; "
                + "what was not acknowledged will be sent again"
        case .brokenRecord(let peer, let got):
            "\(peer): expected an authentic TLS 1.3 record, got \(got); the link is closed"
        case .closed:
            "expected an open TLS connection, got a write after its end; reconnect and resend"
        case .library(let operation, let got):
            "OpenSSL could not \(operation): got \(got); check memory and openssl.cnf"
        }
    }
}

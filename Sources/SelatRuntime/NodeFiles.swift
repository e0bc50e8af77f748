package import SelatTLS

/// Where a node keeps what is its own, under the data directory that a region shares.
///
///     DIR/endpoints.json           where every node listens (Endpoints)
///     DIR/pki/                     certificates (SelatTLS.CertificateAuthority)
///     DIR/<id>.sqlite              the node's one truth, with its archives DIR/<id>.sqlite.*
///     DIR/<id>.sock                its operator's channel
///     DIR/<id>.log                 its log, where 'selat up' starts it
///     DIR/<id>.ready               written when it listens and dials; removed when it ends
package struct NodeFiles: Hashable, Sendable {
    /// `DIR`.
    package let directory: String
    /// The node's id.
    package let node: String

    /// - Parameters:
    ///   - directory: The data directory.
    ///   - node: The node's id.
    package init(directory: String, node: String) {
        self.directory = directory
        self.node = node
    }

    package var database: String { "\(directory)/\(node).sqlite" }
    package var socket: String { "\(directory)/\(node).sock" }
    package var log: String { "\(directory)/\(node).log" }
    package var ready: String { "\(directory)/\(node).ready" }

    /// The certificate, key, trust and revocation files.
    package var credentials: TLSCredentials {
        CertificateAuthority(directory: "\(directory)/pki").credentials(for: node)
    }
}

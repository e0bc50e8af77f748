package import SelatTime

/// Who a certificate says the peer is. Exists only for certificates that chain to a trusted
/// authority, so no name inside a message outranks it.
package struct PeerIdentity: Hashable, Sendable {
    /// From the subjectAltName URI `selat:<node-id>`: 1...63 of `a-z 0-9 -`.
    package let nodeID: String
    /// From the subjectAltName URI `selat:role:<role>` (`hub`, `ips`, `fxp`, `psp`, ...), if any:
    /// 1...63 of `a-z 0-9 -`.
    package let role: String?
    /// SHA-256 over the DER certificate.
    package let fingerprint: CertificateFingerprint
    /// End of validity, whole seconds. The handshake has checked it once; a link outlives it.
    package let notAfter: Instant

    /// - Parameters:
    ///   - nodeID: The node's id.
    ///   - role: The role the certificate proves, if it names one.
    ///   - fingerprint: SHA-256 over the DER certificate.
    ///   - notAfter: End of validity.
    package init(
        nodeID: String,
        role: String?,
        fingerprint: CertificateFingerprint,
        notAfter: Instant
    ) {
        self.nodeID = nodeID
        self.role = role
        self.fingerprint = fingerprint
        self.notAfter = notAfter
    }
}

/// SHA-256 over a certificate's DER bytes: one certificate, whatever names it carries.
package struct CertificateFingerprint: Hashable, Sendable, CustomStringConvertible {
    /// 32 bytes.
    package let bytes: [UInt8]

    /// - Parameter bytes: 32 bytes.
    package init(bytes: [UInt8]) {
        precondition(bytes.count == 32, "a SHA-256 fingerprint has 32 bytes, not \(bytes.count)")
        self.bytes = bytes
    }

    /// 64 lower-case hexadecimal digits.
    package var description: String { bytes.hexadecimal }
}

/// What the topology says of an authenticated peer. Asked inside the handshake, before any
/// application byte exists.
package enum PeerVerdict: Hashable, Sendable {
    /// Named in the topology, in the role the certificate proves.
    case accept
    /// Not named in the topology.
    case refuseUnknownIdentity
    /// Named, but in another role.
    case refuseWrongRole(expected: String)
    /// Named, but not the node that was dialled.
    case refuseWrongNode(expected: String)
}

/// The peers a listener or a dialler admits: node ids and the role each must prove.
///
/// A listener admits every neighbour the topology gives it; a dialler exactly the one it dials.
package struct AdmittedPeers: Hashable, Sendable {
    private let roles: [String: String]
    private let dialled: String?

    /// For a listener.
    ///
    /// - Parameter roles: The role of each admitted node id.
    package init(roles: [String: String]) {
        self.roles = roles
        dialled = nil
    }

    /// For a dialler: any other node is refused as the wrong one.
    ///
    /// - Parameters:
    ///   - nodeID: The node dialled.
    ///   - role: The role it must prove.
    package init(dialling nodeID: String, role: String) {
        roles = [nodeID: role]
        dialled = nodeID
    }

    /// The verdict on `identity`.
    package func verdict(on identity: PeerIdentity) -> PeerVerdict {
        guard let role = roles[identity.nodeID] else {
            return dialled.map { .refuseWrongNode(expected: $0) } ?? .refuseUnknownIdentity
        }
        return identity.role == role ? .accept : .refuseWrongRole(expected: role)
    }
}

/// The subjectAltName URIs that carry identity and role.
enum IdentityName {
    /// The longest node id or role, in characters.
    static let maximumLength = 63

    /// True for 1...63 of `a-z 0-9 -`, not beginning with a hyphen.
    static func isValid(_ name: some StringProtocol) -> Bool {
        let bytes = name.utf8
        guard (1...maximumLength).contains(bytes.count), bytes.first != 0x2D else { return false }
        return bytes.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
        }
    }

    /// Exactly one node id and at most one role among `uris`; any other URI of the `selat:` scheme
    /// makes the whole certificate unreadable, so that a later meaning is never missed by us.
    static func parse(_ uris: [String]) -> (nodeID: String, role: String?)? {
        var nodeID: String?
        var role: String?
        for uri in uris where uri.lowercased().hasPrefix("selat:") {
            let name = uri.dropFirst("selat:".count)
            if name.hasPrefix("role:"), role == nil, isValid(name.dropFirst("role:".count)) {
                role = String(name.dropFirst("role:".count))
            } else if nodeID == nil, isValid(name) {
                nodeID = String(name)
            } else {
                return nil
            }
        }
        return nodeID.map { ($0, role) }
    }
}

extension [UInt8] {
    /// Lower-case, two digits a byte.
    var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(count * 2)
        for byte in self {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

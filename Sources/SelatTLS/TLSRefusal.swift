package import SelatTime

/// One refused handshake: who, and why. Its description is the one line to log.
package struct TLSRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// The peer's socket address, `192.0.2.7:4430`. Nothing else is known of it for certain.
    package let peer: String
    /// Why.
    package let cause: Cause

    /// - Parameters:
    ///   - peer: The peer's socket address.
    ///   - cause: Why the handshake was refused.
    package init(peer: String, cause: Cause) {
        self.peer = peer
        self.cause = cause
    }

    package var description: String {
        "refused TLS handshake with \(peer): expected \(cause.expected), got \(cause.got); "
            + cause.remedy
    }
}

extension TLSRefusal {
    /// The closed list of reasons. Strings come from certificates: printable ASCII, bounded.
    package enum Cause: Hashable, Sendable {
        /// The client answered the certificate request with nothing.
        case noCertificate
        /// The chain does not lead to an authority in the trust file.
        case untrustedIssuer(issuer: String)
        /// Past its validity.
        case expired(subject: String, notAfter: Instant)
        /// Before its validity: a clock is wrong, here or at the authority.
        case notYetValid(subject: String, notBefore: Instant)
        /// On the revocation list. Serial in hexadecimal.
        case revoked(subject: String, serial: String)
        /// A revocation list is configured, but none by this issuer is in it.
        case revocationListMissing(issuer: String)
        /// The revocation list is past its next update; whom it would name is not known.
        case revocationListOutdated(issuer: String)
        /// Chain complete, certificate unfit: wrong purpose, weak key, bad signature.
        case unsuitableCertificate(subject: String, why: String)
        /// The server completed without asking who we are: only one side would be authenticated.
        case noCertificateRequest
        /// A trusted certificate with no, or no single, `selat:<node-id>` name.
        case noIdentity(subject: String)
        /// A trusted identity that the topology does not name.
        case unknownIdentity(nodeID: String)
        /// A known identity whose certificate proves another role than the topology gives it.
        case wrongRole(nodeID: String, expected: String, got: String?)
        /// A known identity, but not the node that was dialled.
        case wrongNode(expected: String, got: String)
        /// No TLS 1.3 in common.
        case protocolVersion
        /// The first bytes are no TLS record.
        case notTLS
        /// TLS, but a handshake that breaks the protocol. OpenSSL's reason.
        case malformedHandshake(String)
        /// Nothing, or not enough, within the handshake timeout.
        case silence(after: Duration)
        /// The peer ended the connection in the middle of the handshake.
        case hungUp
        /// The peer refused us, with this TLS alert (RFC 8446 section 6).
        case refusedByPeer(alert: TLSAlert)
    }
}

/// A TLS alert number and its name, as the peer sent it. RFC 8446 section 6.
package struct TLSAlert: Hashable, Sendable, CustomStringConvertible {
    /// RFC 8446 section 6, `AlertDescription`.
    package let code: UInt8

    /// - Parameter code: The alert's number on the wire.
    package init(code: UInt8) { self.code = code }

    /// `116 (certificate required)`.
    package var description: String {
        let name =
            switch code {
            case 10: "unexpected message"
            case 20: "bad record MAC"
            case 22: "record overflow"
            case 40: "handshake failure"
            case 42: "bad certificate"
            case 43: "unsupported certificate"
            case 44: "certificate revoked"
            case 45: "certificate expired"
            case 46: "certificate unknown"
            case 47: "illegal parameter"
            case 48: "unknown authority"
            case 49: "access denied"
            case 50: "decode error"
            case 51: "decrypt error"
            case 70: "protocol version"
            case 71: "insufficient security"
            case 80: "internal error"
            case 90: "user canceled"
            case 109: "missing extension"
            case 110: "unsupported extension"
            case 112: "unrecognized name"
            case 116: "certificate required"
            case 120: "no application protocol"
            case let other: "alert \(other)"
            }
        return "\(code) (\(name))"
    }
}

extension TLSRefusal.Cause {
    /// True if the peer is told why, and should be given time to read it.
    var sendsAlert: Bool {
        switch self {
        case .noCertificate, .untrustedIssuer, .expired, .notYetValid, .revoked,
            .revocationListMissing, .revocationListOutdated, .unsuitableCertificate, .noIdentity,
            .unknownIdentity, .wrongRole, .wrongNode, .protocolVersion, .notTLS,
            .malformedHandshake:
            true
        case .noCertificateRequest, .silence, .hungUp, .refusedByPeer:
            false
        }
    }

    var expected: String {
        switch self {
        case .noCertificate: "a client certificate"
        case .untrustedIssuer: "a certificate by an authority in the trust file"
        case .expired, .notYetValid: "a certificate valid now"
        case .revoked: "a certificate that is not revoked"
        case .revocationListMissing: "a revocation list by the certificate's issuer"
        case .revocationListOutdated: "a revocation list that is not past its next update"
        case .noCertificateRequest: "the server to ask for this node's certificate"
        case .unsuitableCertificate: "a certificate fit for TLS peers"
        case .noIdentity: "one selat:<node-id> URI in the certificate"
        case .unknownIdentity: "a node named in the topology"
        case .wrongRole(let nodeID, let expected, _): "\(nodeID) in the role \(expected)"
        case .wrongNode(let expected, _): "node \(expected)"
        case .protocolVersion: "TLS 1.3"
        case .notTLS: "a TLS handshake"
        case .malformedHandshake: "a TLS 1.3 handshake"
        case .silence(let limit): "a handshake within \(limit)"
        case .hungUp: "the rest of the handshake"
        case .refusedByPeer: "the peer to accept this node"
        }
    }

    var got: String {
        switch self {
        case .noCertificate: "none"
        case .untrustedIssuer(let issuer): "one issued by '\(issuer)'"
        case .expired(let subject, let notAfter): "'\(subject)', expired \(notAfter)"
        case .notYetValid(let subject, let notBefore): "'\(subject)', valid from \(notBefore)"
        case .revoked(let subject, let serial): "'\(subject)', serial \(serial), revoked"
        case .revocationListMissing(let issuer): "none by '\(issuer)'"
        case .revocationListOutdated(let issuer): "an outdated one by '\(issuer)'"
        case .unsuitableCertificate(let subject, let why): "'\(subject)': \(why)"
        case .noCertificateRequest: "a handshake without that"
        case .noIdentity(let subject): "none or several in '\(subject)'"
        case .unknownIdentity(let nodeID): "selat:\(nodeID)"
        case .wrongRole(_, _, let got): got.map { "the role \($0)" } ?? "no role"
        case .wrongNode(_, let got): "selat:\(got)"
        case .protocolVersion: "an offer without it"
        case .notTLS: "other bytes"
        case .malformedHandshake(let reason): reason
        case .silence: "silence"
        case .hungUp: "the end of the connection"
        case .refusedByPeer(let alert): "its alert \(alert)"
        }
    }

    var remedy: String {
        switch self {
        case .noCertificate: "give the peer a certificate: 'selat certificates issue'"
        case .untrustedIssuer: "issue the peer's certificate under this region's authority"
        case .expired: "renew it: 'selat certificates issue', then SIGHUP the peer"
        case .notYetValid: "compare the clocks of peer, authority and this node"
        case .revoked: "issue a new certificate if the node is to come back"
        case .revocationListMissing: "add that authority's list to the revocation file"
        case .revocationListOutdated: "fetch the current list and SIGHUP this node"
        case .noCertificateRequest: "let the server require client certificates"
        case .unsuitableCertificate: "issue it anew: 'selat certificates issue'"
        case .noIdentity: "issue it anew: 'selat certificates issue <node-id>'"
        case .unknownIdentity: "add the node to the topology, or stop it from dialling here"
        case .wrongRole: "correct the topology, or issue the certificate for that role"
        case .wrongNode: "correct the link's address or its node in the topology"
        case .protocolVersion: "let the peer speak TLS 1.3"
        case .notTLS: "check what dials this port"
        case .malformedHandshake: "check the peer's TLS library"
        case .silence: "check the peer and the path to it"
        case .hungUp: "the peer's log may say why"
        case .refusedByPeer: "the peer's log says why; check this node's certificate"
        }
    }
}

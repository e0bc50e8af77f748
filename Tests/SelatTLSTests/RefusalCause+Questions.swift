import SelatTLS

/// One question a case, so that a table can ask for a case whatever its payload.
extension TLSRefusal.Cause {
    var isUntrusted: Bool { if case .untrustedIssuer = self { true } else { false } }
    var isExpired: Bool { if case .expired = self { true } else { false } }
    var isNotYetValid: Bool { if case .notYetValid = self { true } else { false } }
    var isRevoked: Bool { if case .revoked = self { true } else { false } }
    var isUnsuitable: Bool { if case .unsuitableCertificate = self { true } else { false } }
    var isWithoutIdentity: Bool { if case .noIdentity = self { true } else { false } }
    var isWrongRole: Bool { if case .wrongRole = self { true } else { false } }

    /// A listener does not know the stranger; a dialler sees that it is not the node dialled.
    var isUnknownOrWrongNode: Bool {
        switch self {
        case .unknownIdentity, .wrongNode: true
        case .noCertificate, .untrustedIssuer, .expired, .notYetValid, .revoked,
            .revocationListMissing, .revocationListOutdated, .unsuitableCertificate, .noIdentity,
            .noCertificateRequest, .wrongRole, .protocolVersion, .notTLS, .malformedHandshake,
            .silence, .hungUp,
            .refusedByPeer:
            false
        }
    }
}

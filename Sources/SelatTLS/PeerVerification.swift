import COpenSSL
import SelatTime

/// What one handshake found out about its peer. One per connection, used on its event loop only.
final class PeerVerification {
    /// How far the check has come.
    enum Outcome {
        case pending
        case accepted(PeerIdentity)
        case refused(TLSRefusal.Cause)
    }

    private let judge: (PeerIdentity) -> PeerVerdict
    private(set) var outcome = Outcome.pending

    init(judge: @escaping (PeerIdentity) -> PeerVerdict) { self.judge = judge }

    /// Judges the chain OpenSSL has just checked, or explains why it did not pass.
    ///
    /// Returns the verification error to send the peer as an alert, `X509_V_OK` for none.
    fileprivate func judge(_ store: OpaquePointer, chainIsValid: Bool) -> Int32 {
        guard chainIsValid else {
            let code = unsafe X509_STORE_CTX_get_error(store)
            outcome = unsafe .refused(PeerVerification.cause(of: code, in: store))
            return code == X509_V_OK ? X509_V_ERR_UNSPECIFIED : code
        }
        guard let certificate = unsafe X509_STORE_CTX_get0_cert(store),
            let identity = unsafe CertificateFields.identity(of: certificate)
        else {
            let subject = unsafe CertificateFields.subject(of: X509_STORE_CTX_get0_cert(store))
            outcome = .refused(.noIdentity(subject: subject))
            return X509_V_ERR_CERT_REJECTED
        }
        switch judge(identity) {
        case .accept:
            outcome = .accepted(identity)
            return X509_V_OK
        case .refuseUnknownIdentity:
            outcome = .refused(.unknownIdentity(nodeID: identity.nodeID))
        case .refuseWrongRole(let expected):
            outcome = .refused(
                .wrongRole(nodeID: identity.nodeID, expected: expected, got: identity.role)
            )
        case .refuseWrongNode(let expected):
            outcome = .refused(.wrongNode(expected: expected, got: identity.nodeID))
        }
        return X509_V_ERR_CERT_REJECTED
    }

    private static func cause(of code: Int32, in store: OpaquePointer) -> TLSRefusal.Cause {
        // The certificate the error is about, which may be an intermediate.
        let certificate = unsafe X509_STORE_CTX_get_current_cert(store)
        let subject = unsafe CertificateFields.subject(of: certificate)
        let issuer = unsafe CertificateFields.issuer(of: certificate)
        switch code {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            let end = unsafe certificate.flatMap { unsafe Instant(X509_get0_notAfter($0)) }
            return .expired(subject: subject, notAfter: end ?? .distantPast)
        case X509_V_ERR_CERT_NOT_YET_VALID:
            let start = unsafe certificate.flatMap { unsafe Instant(X509_get0_notBefore($0)) }
            return .notYetValid(subject: subject, notBefore: start ?? .distantFuture)
        case X509_V_ERR_CERT_REVOKED:
            let serial = unsafe CertificateFields.serial(of: certificate)
            return .revoked(subject: subject, serial: serial)
        case X509_V_ERR_UNABLE_TO_GET_CRL, X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
            return .revocationListMissing(issuer: issuer)
        case X509_V_ERR_CRL_HAS_EXPIRED, X509_V_ERR_CRL_NOT_YET_VALID:
            return .revocationListOutdated(issuer: issuer)
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
            X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_CERT_UNTRUSTED,
            X509_V_ERR_CERT_SIGNATURE_FAILURE:
            return .untrustedIssuer(issuer: issuer)
        case let other:
            // About sixty more codes, each an unfit certificate in OpenSSL's own words.
            let why = unsafe String(cString: X509_verify_cert_error_string(Int(other)))
            return .unsuitableCertificate(subject: subject, why: why)
        }
    }
}

// SAFETY: ex-data slot 0 of every `SSL` of this module holds an unretained `PeerVerification`,
// which the `TLSEngine` that owns the `SSL` keeps alive for longer.

/// OpenSSL's hook in the middle of the handshake: the standard check of the whole chain first, then
/// identity and role. So a refused peer gets its alert inside the handshake, and the handshake of
/// an unknown node never completes on this side.
let verifyPeer: @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?) -> Int32 = { store, _ in
    guard let store = unsafe store,
        let ssl = unsafe X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()),
        let slot = unsafe SSL_get_ex_data(OpaquePointer(ssl), 0)
    else { return 0 }
    let verification = unsafe Unmanaged<PeerVerification>.fromOpaque(slot).takeUnretainedValue()
    let chainIsValid = unsafe X509_verify_cert(store) == 1
    let error = unsafe verification.judge(store, chainIsValid: chainIsValid)
    unsafe X509_STORE_CTX_set_error(store, error)
    return error == X509_V_OK ? 1 : 0
}

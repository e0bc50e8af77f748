import COpenSSL

/// OpenSSL's error codes, read as reasons to refuse.
enum HandshakeFailure {
    /// The cause for a handshake that failed on anything but the peer's certificate.
    ///
    /// - Parameters:
    ///   - codes: The drained error queue, oldest first.
    ///   - error: What `SSL_get_error` returned.
    /// - Returns: The most telling of them.
    static func cause(of codes: [UInt], error: Int32) -> TLSRefusal.Cause {
        if let alert = alert(in: codes) { return .refusedByPeer(alert: alert) }
        if error == SSL_ERROR_ZERO_RETURN { return .hungUp }
        for code in codes where ERR_GET_LIB(code) == ERR_LIB_SSL {
            switch ERR_GET_REASON(code) {
            case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
                return .noCertificate
            case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_NO_PROTOCOLS_AVAILABLE,
                SSL_R_VERSION_TOO_LOW, SSL_R_WRONG_SSL_VERSION, SSL_R_UNKNOWN_PROTOCOL:
                return .protocolVersion
            case SSL_R_WRONG_VERSION_NUMBER, SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST,
                SSL_R_BAD_RECORD_TYPE, SSL_R_RECORD_LENGTH_MISMATCH:
                return .notTLS
            default:
                // OpenSSL knows some 300 more; its words are in the report below.
                continue
            }
        }
        let reasons = codes.map(OpenSSLErrorQueue.reason)
        return .malformedHandshake(
            reasons.isEmpty ? "error \(error)" : reasons.joined(separator: ", ")
        )
    }

    /// The fatal alert the peer sent, if the queue tells of one.
    static func alert(in codes: [UInt]) -> TLSAlert? {
        for code in codes where ERR_GET_LIB(code) == ERR_LIB_SSL {
            let number = ERR_GET_REASON(code) - SSL_AD_REASON_OFFSET
            if let alert = UInt8(exactly: number), alert > 0 { return TLSAlert(code: alert) }
        }
        return nil
    }
}

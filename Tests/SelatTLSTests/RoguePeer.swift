import COpenSSL
import NIOCore
import SelatTLS
import Testing

// SAFETY: owns its SSL and SSL_CTX, frees each once; used by one test on one thread at a time.

/// A TLS peer that keeps none of our rules: any version, any certificate or none, trusts everyone,
/// and sends application bytes as soon as TLS lets it.
@safe
final class RoguePeer {
    private let context: OpaquePointer
    private let ssl: OpaquePointer
    private let input: OpaquePointer
    private let output: OpaquePointer
    private var eager: [UInt8]
    /// The fatal alert the other side sent.
    private(set) var alert: UInt8?

    /// `eager` is sent in the same flight as the end of the handshake.
    init(
        _ role: TLSRole = .client,
        version: Int32 = TLS1_3_VERSION,
        credentials: TLSCredentials?,
        eager: [UInt8] = []
    ) throws {
        let context = unsafe try #require(SSL_CTX_new(TLS_method()))
        unsafe SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(version), nil)
        if let credentials {
            let chain = credentials.certificateChainFile
            let key = credentials.privateKeyFile
            unsafe SSL_CTX_use_certificate_chain_file(context, chain)
            unsafe SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM)
        }
        unsafe self.context = unsafe context
        unsafe ssl = unsafe try #require(SSL_new(context))
        unsafe input = unsafe try #require(BIO_new(BIO_s_mem()))
        unsafe output = unsafe try #require(BIO_new(BIO_s_mem()))
        self.eager = eager
        unsafe SSL_set_bio(ssl, input, output)
        switch role {
        case .client: unsafe SSL_set_connect_state(ssl)
        case .server: unsafe SSL_set_accept_state(ssl)
        }
    }

    deinit {
        unsafe SSL_free(ssl)
        unsafe SSL_CTX_free(context)
    }

    /// Takes the other side's bytes, gives its own.
    func exchange(_ bytes: ByteBuffer = ByteBuffer()) -> ByteBuffer {
        unsafe bytes.withUnsafeReadableBytes { bytes in
            _ = unsafe BIO_write(input, bytes.baseAddress, Int32(bytes.count))
        }
        ERR_clear_error()
        if unsafe SSL_do_handshake(ssl) == 1 {
            if !eager.isEmpty {
                unsafe SSL_write(ssl, eager, Int32(eager.count))
                eager = []
            }
            var byte: UInt8 = 0
            while unsafe SSL_read(ssl, &byte, 1) == 1 {}
        }
        let reason = ERR_GET_REASON(ERR_peek_last_error()) - SSL_AD_REASON_OFFSET
        if let code = UInt8(exactly: reason), code > 0 { alert = code }
        var sent = ByteBuffer()
        let pending = unsafe BIO_ctrl_pending(output)
        unsafe sent.writeWithUnsafeMutableBytes(minimumWritableBytes: pending) { bytes in
            unsafe max(0, Int(BIO_read(output, bytes.baseAddress, Int32(bytes.count))))
        }
        return sent
    }
}

import COpenSSL
import Glibc

/// Which end of a connection a context is for.
package enum TLSRole: Hashable, Sendable, CaseIterable {
    /// Dials.
    case client
    /// Listens.
    case server
}

/// The files a node proves itself with and judges others by. All PEM; paths, not contents.
package struct TLSCredentials: Hashable, Sendable {
    /// The node's certificate, then any intermediates, leaf first.
    package let certificateChainFile: String
    /// The private key of the first certificate, not encrypted, not readable by everyone.
    package let privateKeyFile: String
    /// The authorities peers may chain to.
    package let trustFile: String
    /// One revocation list for each authority in any peer's chain; `nil` checks none.
    package let revocationListFile: String?

    /// - Parameters:
    ///   - certificateChainFile: PEM, leaf first.
    ///   - privateKeyFile: PEM.
    ///   - trustFile: PEM.
    ///   - revocationListFile: PEM, or `nil` to check no revocation.
    package init(
        certificateChainFile: String,
        privateKeyFile: String,
        trustFile: String,
        revocationListFile: String?
    ) {
        self.certificateChainFile = certificateChainFile
        self.privateKeyFile = privateKeyFile
        self.trustFile = trustFile
        self.revocationListFile = revocationListFile
    }
}

// SAFETY: the `SSL_CTX` is configured inside `init` and only read afterwards (`SSL_new` takes its
// own reference, under OpenSSL's lock), so sharing it between event loops is sound.

/// One loaded set of credentials for one end: TLS 1.3 only, the peer's certificate required,
/// revocation checked where a list is given.
///
/// New connections are made from it; it never changes. To take up new files, make a new one
/// (`CredentialStore`); connections already up keep the context they were made from.
@safe
package final class TLSContext: @unchecked Sendable {
    let pointer: OpaquePointer
    /// Which end this is.
    package let role: TLSRole
    /// What this node's own certificate says.
    package let identity: PeerIdentity

    /// Reads and checks the files.
    ///
    /// - Parameters:
    ///   - credentials: The files to read, once.
    ///   - role: Which end of connections this is for.
    /// - Throws: `TLSError.credentials` naming the file at fault; `TLSError.library`.
    package init(credentials: TLSCredentials, role: TLSRole) throws(TLSError) {
        OpenSSLErrorQueue.clear()
        let method = unsafe role == .client ? TLS_client_method() : TLS_server_method()
        guard let context = unsafe SSL_CTX_new(method) else {
            throw .library(
                operation: "create a TLS context",
                got: OpenSSLErrorQueue.drainDescription()
            )
        }
        do throws(TLSError) {
            try unsafe TLSContext.harden(context)
            identity = try unsafe TLSContext.loadOwn(credentials, into: context)
            try unsafe TLSContext.loadTrust(credentials, into: context)
        } catch {
            unsafe SSL_CTX_free(context)
            throw error
        }
        unsafe SSL_CTX_set_verify(
            context,
            SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
            nil
        )
        unsafe SSL_CTX_set_cert_verify_callback(context, verifyPeer, nil)
        unsafe pointer = unsafe context
        self.role = role
    }

    deinit { unsafe SSL_CTX_free(pointer) }

    private static func harden(_ context: OpaquePointer) throws(TLSError) {
        guard unsafe selat_ctx_harden(context) == 1 else {
            throw .library(
                operation: "restrict a context to TLS 1.3",
                got: OpenSSLErrorQueue.drainDescription()
            )
        }
        // An encrypted key must fail, not stop the daemon at a prompt.
        unsafe SSL_CTX_set_default_passwd_cb(context) { _, _, _, _ in 0 }
    }

    private static func loadOwn(
        _ credentials: TLSCredentials,
        into context: OpaquePointer
    ) throws(TLSError) -> PeerIdentity {
        let chain = credentials.certificateChainFile
        let key = credentials.privateKeyFile
        guard unsafe SSL_CTX_use_certificate_chain_file(context, chain) == 1 else {
            throw .credentials(
                file: chain,
                expected: "a PEM certificate chain",
                got: OpenSSLErrorQueue.drainDescription(),
                remedy: "run 'selat certificates issue' for this node"
            )
        }
        try refuseReadableByEveryone(key)
        guard unsafe SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1 else {
            throw .credentials(
                file: key,
                expected: "the unencrypted PEM private key of \(chain)",
                got: OpenSSLErrorQueue.drainDescription(),
                remedy: "name the key issued with that certificate"
            )
        }
        guard unsafe SSL_CTX_check_private_key(context) == 1 else {
            throw .credentials(
                file: key,
                expected: "the private key of \(chain)",
                got: "another certificate's key",
                remedy: "name the key issued with that certificate"
            )
        }
        guard let certificate = unsafe SSL_CTX_get0_certificate(context),
            let identity = unsafe CertificateFields.identity(of: certificate)
        else {
            throw .credentials(
                file: chain,
                expected: "one selat:<node-id> URI in the certificate",
                got: "none or several",
                remedy: "run 'selat certificates issue' for this node"
            )
        }
        return identity
    }

    private static func refuseReadableByEveryone(_ file: String) throws(TLSError) {
        var status = stat()
        // A file that is not there is reported when OpenSSL opens it.
        guard unsafe stat(file, &status) == 0, status.st_mode & 0o007 != 0 else { return }
        throw .credentials(
            file: file,
            expected: "a private key that others cannot read",
            got: "mode \(String(status.st_mode & 0o777, radix: 8))",
            remedy: "chmod 600 it, and issue a new one if others may have read it"
        )
    }

    private static func loadTrust(
        _ credentials: TLSCredentials,
        into context: OpaquePointer
    ) throws(TLSError) {
        let store = unsafe SSL_CTX_get_cert_store(context)
        guard unsafe X509_STORE_load_file(store, credentials.trustFile) == 1 else {
            throw .credentials(
                file: credentials.trustFile,
                expected: "the PEM certificates of the trusted authorities",
                got: OpenSSLErrorQueue.drainDescription(),
                remedy: "copy ca.pem from where 'selat certificates init' was run"
            )
        }
        var flags = UInt(X509_V_FLAG_X509_STRICT)
        if let file = credentials.revocationListFile {
            let lookup = unsafe X509_STORE_add_lookup(store, X509_LOOKUP_file())
            guard unsafe X509_load_crl_file(lookup, file, X509_FILETYPE_PEM) > 0 else {
                throw .credentials(
                    file: file,
                    expected: "a PEM revocation list",
                    got: OpenSSLErrorQueue.drainDescription(),
                    remedy: "copy crl.pem from where 'selat certificates init' was run"
                )
            }
            // Every certificate of the chain: a revoked intermediate counts as well.
            flags |= UInt(X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL)
        }
        unsafe X509_STORE_set_flags(store, flags)
        OpenSSLErrorQueue.clear()
    }
}

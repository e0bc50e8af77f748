import COpenSSL

/// Certificates, keys and lists as PEM text in restricted files.
enum PEMFile {
    static func readCertificate(_ file: String) throws(TLSError) -> Certificate {
        let bytes = try RestrictedFiles.read(file)
        OpenSSLErrorQueue.clear()
        guard let text = MemoryBIO(bytes),
            let certificate = unsafe Certificate(
                owning: PEM_read_bio_X509(text.pointer, nil, nil, nil)
            )
        else { throw unreadable(file, "a PEM certificate") }
        return certificate
    }

    /// An encrypted key is an error, not a prompt.
    static func readKey(_ file: String) throws(TLSError) -> PrivateKey {
        var bytes = try RestrictedFiles.read(file)
        defer { erase(&bytes) }
        OpenSSLErrorQueue.clear()
        guard let text = MemoryBIO(bytes),
            let key = unsafe PrivateKey(
                owning: PEM_read_bio_PrivateKey(text.pointer, nil, { _, _, _, _ in 0 }, nil)
            )
        else { throw unreadable(file, "an unencrypted PEM private key") }
        return key
    }

    static func write(
        _ certificate: borrowing Certificate,
        to file: String
    ) throws(TLSError) {
        guard let text = MemoryBIO(),
            unsafe PEM_write_bio_X509(text.pointer, certificate.pointer) == 1
        else { throw unwritable("a certificate") }
        try RestrictedFiles.replace(file, with: text.readAll())
    }

    static func write(_ list: borrowing RevocationList, to file: String) throws(TLSError) {
        guard let text = MemoryBIO(),
            unsafe PEM_write_bio_X509_CRL(text.pointer, list.pointer) == 1
        else { throw unwritable("a revocation list") }
        try RestrictedFiles.replace(file, with: text.readAll())
    }

    static func write(_ key: borrowing PrivateKey, to file: String) throws(TLSError) {
        guard let text = MemoryBIO(),
            unsafe PEM_write_bio_PKCS8PrivateKey(text.pointer, key.pointer, nil, nil, 0, nil, nil)
                == 1
        else { throw unwritable("a private key") }
        var bytes = text.readAll()
        defer { erase(&bytes) }
        try RestrictedFiles.replace(file, with: bytes)
    }

    /// Key text does not stay in freed memory.
    private static func erase(_ bytes: inout [UInt8]) {
        unsafe bytes.withUnsafeMutableBytes { unsafe OPENSSL_cleanse($0.baseAddress, $0.count) }
    }

    private static func unreadable(_ file: String, _ expected: String) -> TLSError {
        .credentials(
            file: file,
            expected: expected,
            got: OpenSSLErrorQueue.drainDescription(),
            remedy: "name the right file, or issue it anew"
        )
    }

    private static func unwritable(_ what: String) -> TLSError {
        .library(operation: "write \(what)", got: OpenSSLErrorQueue.drainDescription())
    }
}

import COpenSSL
import Glibc
import SelatTLS
import Testing

// SAFETY: every OpenSSL object made here is freed in the same function.

/// Certificates our authority would never issue, signed with its key all the same.
enum RogueCertificate {
    /// - Parameters:
    ///   - ca: Whose key signs.
    ///   - alternativeNames: The subjectAltName in OpenSSL's syntax; `nil` for none.
    ///   - usage: The extended key usage.
    /// - Returns: The files, in the authority's directory.
    /// - Throws: If OpenSSL or the disk fails.
    static func issue(
        under ca: TestAuthority,
        alternativeNames: String?,
        usage: String = "serverAuth,clientAuth"
    ) throws -> TLSCredentials {
        let issuer = unsafe try #require(
            read(ca.authority.certificateFile) { unsafe PEM_read_X509($0, nil, nil, nil) }
        )
        defer { unsafe X509_free(issuer) }
        let issuerKey = unsafe try #require(
            read("\(ca.directory)/ca.key") { unsafe PEM_read_PrivateKey($0, nil, nil, nil) }
        )
        defer { unsafe EVP_PKEY_free(issuerKey) }
        let key = unsafe try #require(selat_generate_p256_key())
        defer { unsafe EVP_PKEY_free(key) }
        let certificate = unsafe try #require(X509_new())
        defer { unsafe X509_free(certificate) }
        unsafe X509_set_version(certificate, 2)
        unsafe ASN1_INTEGER_set(X509_get_serialNumber(certificate), 4711)
        unsafe ASN1_TIME_set(X509_getm_notBefore(certificate), time(nil) - 60)
        unsafe ASN1_TIME_set(X509_getm_notAfter(certificate), time(nil) + 3600)
        let name = unsafe X509_get_subject_name(certificate)
        unsafe X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, "rogue", -1, -1, 0)
        unsafe X509_set_issuer_name(certificate, X509_get_subject_name(issuer))
        unsafe X509_set_pubkey(certificate, key)
        var extensions = [
            (NID_basic_constraints, "critical,CA:FALSE"),
            (NID_key_usage, "critical,digitalSignature"), (NID_ext_key_usage, usage),
            (NID_subject_key_identifier, "hash"), (NID_authority_key_identifier, "keyid:always"),
        ]
        if let alternativeNames { extensions.append((NID_subject_alt_name, alternativeNames)) }
        for (nid, value) in extensions {
            let added = unsafe selat_add_extension(certificate, issuer, nid, value)
            try #require(added == 1)
        }
        let signed = unsafe X509_sign(certificate, issuerKey, EVP_sha256())
        try #require(signed > 0)

        let files = TLSCredentials(
            certificateChainFile: "\(ca.directory)/rogue.pem",
            privateKeyFile: "\(ca.directory)/rogue.key",
            trustFile: ca.authority.certificateFile,
            revocationListFile: ca.authority.revocationListFile
        )
        unsafe try write(files.certificateChainFile) { unsafe PEM_write_X509($0, certificate) }
        unsafe try write(files.privateKeyFile) {
            unsafe PEM_write_PrivateKey($0, key, nil, nil, 0, nil, nil)
        }
        return files
    }

    private static func read<Result>(
        _ file: String,
        _ body: (UnsafeMutablePointer<FILE>) -> Result?
    ) -> Result? {
        guard let stream = unsafe fopen(file, "r") else { return nil }
        defer { unsafe fclose(stream) }
        return unsafe body(stream)
    }

    private static func write(
        _ file: String,
        _ body: (UnsafeMutablePointer<FILE>) -> Int32
    ) throws {
        let stream = unsafe try #require(fopen(file, "w"))
        defer { unsafe fclose(stream) }
        let written = unsafe body(stream)
        try #require(written == 1)
        _ = unsafe chmod(file, 0o600)
    }
}

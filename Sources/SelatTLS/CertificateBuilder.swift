import COpenSSL
import SelatTime

// SAFETY: objects made here are owned by their handles; `sign`, `set1` and `add` copy or take a
// reference, so nothing lent to OpenSSL is used after the call.

/// Makes and signs certificates and revocation lists; touches no file.
enum CertificateBuilder {
    /// Who and until when.
    struct Template {
        let commonName: String
        /// First second of validity, seconds since 1970.
        let notBefore: Int
        /// Last second of validity, seconds since 1970.
        let notAfter: Int
        /// (NID, value in OpenSSL's configuration syntax), in order. Values are built from
        /// validated names only.
        let extensions: [(nid: Int32, value: String)]
    }

    /// A fresh P-256 key.
    static func makeKey() throws(TLSError) -> PrivateKey {
        OpenSSLErrorQueue.clear()
        guard let key = unsafe PrivateKey(owning: selat_generate_p256_key()) else {
            throw failure("generate a P-256 key")
        }
        return key
    }

    /// Self-signed: the template's key signs it.
    static func makeAuthority(
        _ template: Template,
        key: borrowing PrivateKey
    ) throws(TLSError) -> Certificate {
        let certificate = try makeUnsigned(template, key: key)
        let name = unsafe X509_get_subject_name(certificate.pointer)
        try require(
            unsafe X509_set_issuer_name(certificate.pointer, name),
            "name the issuer"
        )
        for (nid, value) in template.extensions {
            try require(
                unsafe selat_add_extension(
                    certificate.pointer,
                    certificate.pointer,
                    nid,
                    value
                ),
                "add extension \(nid)"
            )
        }
        try sign(certificate, with: key)
        return certificate
    }

    /// Issued by `authority`, whose key signs it.
    static func makeCertificate(
        _ template: Template,
        key: borrowing PrivateKey,
        authority: borrowing Certificate,
        authorityKey: borrowing PrivateKey
    ) throws(TLSError) -> Certificate {
        let certificate = try makeUnsigned(template, key: key)
        let name = unsafe X509_get_subject_name(authority.pointer)
        try require(
            unsafe X509_set_issuer_name(certificate.pointer, name),
            "name the issuer"
        )
        for (nid, value) in template.extensions {
            try require(
                unsafe selat_add_extension(certificate.pointer, authority.pointer, nid, value),
                "add extension \(nid)"
            )
        }
        try sign(certificate, with: authorityKey)
        return certificate
    }

    private static func makeUnsigned(
        _ template: Template,
        key: borrowing PrivateKey
    ) throws(TLSError) -> Certificate {
        OpenSSLErrorQueue.clear()
        guard let certificate = unsafe Certificate(owning: X509_new()) else {
            throw failure("create a certificate")
        }
        // Version 3 is written as 2. RFC 5280 section 4.1.2.1.
        try require(unsafe X509_set_version(certificate.pointer, 2), "set the version")
        try setRandomSerial(certificate)
        try require(
            unsafe ASN1_TIME_set(X509_getm_notBefore(certificate.pointer), template.notBefore)
                == nil ? 0 : 1,
            "set the start of validity"
        )
        try require(
            unsafe ASN1_TIME_set(X509_getm_notAfter(certificate.pointer), template.notAfter)
                == nil ? 0 : 1,
            "set the end of validity"
        )
        let name = unsafe X509_get_subject_name(certificate.pointer)
        for (field, value) in [("O", "Selat"), ("CN", template.commonName)] {
            try require(
                unsafe X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, value, -1, -1, 0),
                "name the subject"
            )
        }
        try require(unsafe X509_set_pubkey(certificate.pointer, key.pointer), "set the key")
        return certificate
    }

    /// 127 random bits: unguessable and never met twice. RFC 5280 section 4.1.2.2.
    private static func setRandomSerial(_ certificate: borrowing Certificate) throws(TLSError) {
        var bytes = [UInt8](repeating: 0, count: 16)
        try require(unsafe RAND_bytes(&bytes, 16), "draw a random serial")
        bytes[0] = bytes[0] & 0x7F | 0x40
        guard let number = unsafe BN_bin2bn(bytes, 16, nil) else {
            throw failure("make a serial")
        }
        defer { unsafe BN_free(number) }
        let field = unsafe X509_get_serialNumber(certificate.pointer)
        try require(
            unsafe BN_to_ASN1_INTEGER(number, field) == nil ? 0 : 1,
            "set the serial"
        )
    }

    private static func sign(
        _ certificate: borrowing Certificate,
        with key: borrowing PrivateKey
    ) throws(TLSError) {
        try require(
            unsafe X509_sign(certificate.pointer, key.pointer, EVP_sha256()),
            "sign the certificate"
        )
    }

    /// A version 2 list signed by the authority. RFC 5280 section 5.
    ///
    /// - Parameters:
    ///   - revoked: (serial in hexadecimal, second of revocation).
    ///   - number: The list's number; must grow from list to list.
    ///   - lastUpdate: Seconds since 1970.
    ///   - nextUpdate: Seconds since 1970; past it the list is refused by every peer.
    ///   - authority: The issuer.
    ///   - authorityKey: Its key.
    /// - Returns: The signed list.
    /// - Throws: `TLSError.library`.
    static func makeRevocationList(
        revoked: [(serial: String, at: Int)],
        number: Int64,
        lastUpdate: Int,
        nextUpdate: Int,
        authority: borrowing Certificate,
        authorityKey: borrowing PrivateKey
    ) throws(TLSError) -> RevocationList {
        OpenSSLErrorQueue.clear()
        guard let list = unsafe RevocationList(owning: X509_CRL_new()),
            let last = unsafe ASN1_TIME_set(nil, lastUpdate)
        else { throw failure("create a revocation list") }
        defer { unsafe ASN1_TIME_free(last) }
        guard let next = unsafe ASN1_TIME_set(nil, nextUpdate) else {
            throw failure("set the next update")
        }
        defer { unsafe ASN1_TIME_free(next) }
        let name = unsafe X509_get_subject_name(authority.pointer)
        try require(unsafe X509_CRL_set_version(list.pointer, 1), "set the list's version")
        try require(unsafe X509_CRL_set_issuer_name(list.pointer, name), "name the issuer")
        try require(unsafe X509_CRL_set1_lastUpdate(list.pointer, last), "set the update")
        try require(unsafe X509_CRL_set1_nextUpdate(list.pointer, next), "set the next update")
        for entry in revoked { try add(entry.serial, at: entry.at, to: list) }
        try require(
            unsafe selat_add_list_extension(
                list.pointer,
                authority.pointer,
                NID_authority_key_identifier,
                "keyid:always"
            ),
            "name the list's key"
        )
        try setNumber(number, of: list)
        try require(unsafe X509_CRL_sort(list.pointer), "sort the list")
        try require(
            unsafe X509_CRL_sign(list.pointer, authorityKey.pointer, EVP_sha256()),
            "sign the list"
        )
        return list
    }

    private static func setNumber(
        _ number: Int64,
        of list: borrowing RevocationList
    ) throws(TLSError) {
        guard let integer = unsafe ASN1_INTEGER_new() else { throw failure("number the list") }
        defer { unsafe ASN1_INTEGER_free(integer) }
        try require(unsafe ASN1_INTEGER_set_int64(integer, number), "number the list")
        try require(
            unsafe X509_CRL_add1_ext_i2d(list.pointer, NID_crl_number, integer, 0, 0),
            "number the list"
        )
    }

    private static func add(
        _ serial: String,
        at second: Int,
        to list: borrowing RevocationList
    ) throws(TLSError) {
        var number: OpaquePointer?
        guard unsafe BN_hex2bn(&number, serial) > 0 else { throw failure("read a serial") }
        defer { unsafe BN_free(number) }
        guard let integer = unsafe BN_to_ASN1_INTEGER(number, nil) else {
            throw failure("read a serial")
        }
        defer { unsafe ASN1_INTEGER_free(integer) }
        guard let time = unsafe ASN1_TIME_set(nil, second) else { throw failure("set a time") }
        defer { unsafe ASN1_TIME_free(time) }
        guard let entry = unsafe X509_REVOKED_new() else { throw failure("revoke a serial") }
        guard unsafe X509_REVOKED_set_serialNumber(entry, integer) == 1,
            unsafe X509_REVOKED_set_revocationDate(entry, time) == 1,
            unsafe X509_CRL_add0_revoked(list.pointer, entry) == 1
        else {
            unsafe X509_REVOKED_free(entry)
            throw failure("revoke a serial")
        }
    }

    private static func require(
        _ result: some BinaryInteger,
        _ operation: String
    ) throws(TLSError) {
        guard result > 0 else { throw failure(operation) }
    }

    private static func failure(_ operation: String) -> TLSError {
        .library(operation: operation, got: OpenSSLErrorQueue.drainDescription())
    }
}

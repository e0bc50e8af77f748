import COpenSSL
import SelatTime

// SAFETY: `certificate` is borrowed for the length of one call; every pointer obtained with `get0`
// points into it and does not leave the call; every object obtained with `d2i` is freed in it.

/// Readers of an `X509`'s fields. The pointer must be a live certificate.
enum CertificateFields {
    /// The identity in the certificate's subjectAltName, `nil` unless there is exactly one.
    static func identity(of certificate: OpaquePointer) -> PeerIdentity? {
        let names = unsafe alternativeNames(of: certificate)
        guard let name = IdentityName.parse(names.uris),
            let fingerprint = unsafe fingerprint(of: certificate),
            let notAfter = unsafe Instant(X509_get0_notAfter(certificate))
        else { return nil }
        return PeerIdentity(
            nodeID: name.nodeID,
            role: name.role,
            fingerprint: fingerprint,
            notAfter: notAfter
        )
    }

    struct AlternativeNames {
        var uris: [String] = []
        var dnsNames: [String] = []
        var ipAddresses: [String] = []
    }

    /// Empty if the extension is absent, repeated or unreadable.
    static func alternativeNames(of certificate: OpaquePointer) -> AlternativeNames {
        var names = AlternativeNames()
        guard
            let decoded = unsafe X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil)
        else { return names }
        let list = OpaquePointer(decoded)
        defer { unsafe GENERAL_NAMES_free(list) }
        for index in 0..<(unsafe selat_general_name_count(list)) {
            var kind: Int32 = 0
            guard
                let value = unsafe GENERAL_NAME_get0_value(
                    selat_general_name_at(list, index),
                    &kind
                )
            else { continue }
            switch kind {
            case GEN_URI:
                unsafe names.uris.append(printable(bytes(ofString: value)))
            case GEN_DNS:
                unsafe names.dnsNames.append(printable(bytes(ofString: value)))
            case GEN_IPADD:
                unsafe names.ipAddresses.append(ipAddress(bytes(ofString: value)))
            default:
                // Other kinds of name carry no meaning here.
                continue
            }
        }
        return names
    }

    private static func bytes(ofString value: UnsafeMutableRawPointer) -> [UInt8] {
        let string = unsafe UnsafePointer<ASN1_STRING>(
            value.assumingMemoryBound(to: ASN1_STRING.self)
        )
        let count = unsafe Int(ASN1_STRING_length(string))
        return unsafe [UInt8](
            UnsafeBufferPointer(start: ASN1_STRING_get0_data(string), count: count)
        )
    }

    /// SHA-256 over the DER bytes; `nil` if the digest is not available.
    static func fingerprint(of certificate: OpaquePointer) -> CertificateFingerprint? {
        var length: UInt32 = 0
        let digest = unsafe [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) {
            buffer,
            initialized in
            let made = unsafe X509_digest(
                certificate,
                EVP_sha256(),
                buffer.baseAddress,
                &length
            )
            initialized = made == 1 ? Int(length) : 0
        }
        return digest.count == 32 ? CertificateFingerprint(bytes: digest) : nil
    }

    /// `/CN=hub`, printable ASCII, at most 120 characters.
    static func subject(of certificate: OpaquePointer?) -> String {
        guard let certificate = unsafe certificate else { return "no certificate" }
        return unsafe name(X509_get_subject_name(certificate))
    }

    /// The issuer, as `subject(of:)`.
    static func issuer(of certificate: OpaquePointer?) -> String {
        guard let certificate = unsafe certificate else { return "no certificate" }
        return unsafe name(X509_get_issuer_name(certificate))
    }

    private static func name(_ name: OpaquePointer?) -> String {
        let text = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 121) { buffer in
            guard unsafe X509_NAME_oneline(name, buffer.baseAddress, 121) != nil,
                let base = buffer.baseAddress
            else { return "" }
            return unsafe String(cString: base)
        }
        return printable(Array(text.utf8))
    }

    /// Lower-case hexadecimal, as in the index and the revocation list.
    static func serial(of certificate: OpaquePointer?) -> String {
        guard let certificate = unsafe certificate,
            let number = unsafe ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nil)
        else { return "unknown" }
        defer { unsafe BN_free(number) }
        return unsafe hexadecimal(number)
    }

    private static func hexadecimal(_ number: OpaquePointer) -> String {
        let count = unsafe Int(BN_num_bits(number) + 7) / 8
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            initialized = unsafe Int(BN_bn2bin(number, buffer.baseAddress))
        }
        return bytes.hexadecimal
    }

    private static func ipAddress(_ bytes: [UInt8]) -> String {
        switch bytes.count {
        case 4:
            bytes.map { String($0) }.joined(separator: ".")
        case 16:
            stride(from: 0, to: 16, by: 2)
                .map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }
                .joined(separator: ":")
        case let count:
            "address of \(count) bytes"
        }
    }

    /// What a certificate says may go to a log: anything but printable ASCII becomes `?`.
    static func printable(_ bytes: [UInt8]) -> String {
        String(
            decoding: bytes.prefix(253).map { (0x20...0x7E).contains($0) ? $0 : 0x3F },
            as: UTF8.self
        )
    }
}

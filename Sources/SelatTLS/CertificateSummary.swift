import COpenSSL
package import SelatTime

/// What a certificate says, for people and for the index.
package struct CertificateSummary: Hashable, Sendable, CustomStringConvertible {
    /// `/O=Selat/CN=hub`, printable ASCII.
    package let subject: String
    /// The authority's subject.
    package let issuer: String
    /// Lower-case hexadecimal.
    package let serial: String
    /// Start of validity, whole seconds.
    package let notBefore: Instant
    /// End of validity, whole seconds.
    package let notAfter: Instant
    /// SHA-256 over the DER bytes.
    package let fingerprint: CertificateFingerprint
    /// The node it proves; `nil` for an authority.
    package let identity: PeerIdentity?
    /// Host names it is good for (browsers and curl; links go by `identity`).
    package let dnsNames: [String]
    /// Addresses it is good for, `192.0.2.7` or eight hexadecimal groups.
    package let ipAddresses: [String]
    /// True if it may sign other certificates.
    package let isAuthority: Bool

    /// `nil` if a field cannot be read. The pointer must be a live `X509`.
    init?(_ certificate: OpaquePointer) {
        guard let fingerprint = unsafe CertificateFields.fingerprint(of: certificate),
            let notBefore = unsafe Instant(X509_get0_notBefore(certificate)),
            let notAfter = unsafe Instant(X509_get0_notAfter(certificate))
        else { return nil }
        subject = unsafe CertificateFields.subject(of: certificate)
        issuer = unsafe CertificateFields.issuer(of: certificate)
        serial = unsafe CertificateFields.serial(of: certificate)
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.fingerprint = fingerprint
        identity = unsafe CertificateFields.identity(of: certificate)
        let names = unsafe CertificateFields.alternativeNames(of: certificate)
        dnsNames = names.dnsNames
        ipAddresses = names.ipAddresses
        isAuthority = unsafe X509_check_ca(certificate) > 0
    }

    /// Several lines, one field each.
    package var description: String {
        var lines = [
            "subject      \(subject)",
            "issuer       \(issuer)",
            "serial       \(serial)",
            "valid        \(notBefore) to \(notAfter)",
            "fingerprint  \(fingerprint)",
        ]
        if let identity {
            lines.append("node         \(identity.nodeID)")
            lines.append("role         \(identity.role ?? "none")")
        }
        if !dnsNames.isEmpty { lines.append("host names   \(dnsNames.joined(separator: " "))") }
        if !ipAddresses.isEmpty {
            lines.append("addresses    \(ipAddresses.joined(separator: " "))")
        }
        if isAuthority { lines.append("authority    yes") }
        return lines.joined(separator: "\n")
    }
}

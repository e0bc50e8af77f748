import Glibc
import SelatTime

/// For whom a certificate is, and until when.
package struct CertificateRequest: Hashable, Sendable {
    /// 1...63 of `a-z 0-9 -`.
    package let nodeID: String
    /// The role to prove, `hub`, `ips`, `fxp`, `psp`, ...: 1...63 of `a-z 0-9 -`.
    package let role: String
    /// Host names for browsers and curl; links do not need any.
    package let dnsNames: [String]
    /// IPv4 or IPv6 addresses, likewise.
    package let ipAddresses: [String]
    /// From the order on, whole seconds.
    package let validity: Duration

    /// - Parameters:
    ///   - nodeID: The node's id.
    ///   - role: The role to prove.
    ///   - dnsNames: Host names, if any.
    ///   - ipAddresses: IPv4 or IPv6 addresses, if any.
    ///   - validity: From the order on.
    package init(
        nodeID: String,
        role: String,
        dnsNames: [String] = [],
        ipAddresses: [String] = [],
        validity: Duration = CertificateAuthority.defaultCertificateValidity
    ) {
        self.nodeID = nodeID
        self.role = role
        self.dnsNames = dnsNames
        self.ipAddresses = ipAddresses
        self.validity = validity
    }

    /// OpenSSL's syntax. Sound because `validate` lets no comma or colon into a name.
    var alternativeNames: String {
        (["URI:selat:\(nodeID)", "URI:selat:role:\(role)"] + dnsNames.map { "DNS:\($0)" }
            + ipAddresses.map { "IP:\($0)" })
            .joined(separator: ",")
    }

    func validate() throws(TLSError) {
        for name in [nodeID, role] where !IdentityName.isValid(name) {
            throw outOfRange(
                name,
                "a node id or role of 1 to 63 of a-z, 0-9 and '-', not beginning with '-'"
            )
        }
        for name in dnsNames {
            let labels = name.split(separator: ".", omittingEmptySubsequences: false)
            guard name.utf8.count <= 253, labels.allSatisfy({ IdentityName.isValid($0) }) else {
                throw outOfRange(name, "a host name in lower case")
            }
        }
        for address in ipAddresses {
            var binary = in6_addr()
            guard
                unsafe inet_pton(AF_INET, address, &binary) == 1
                    || inet_pton(AF_INET6, address, &binary) == 1
            else { throw outOfRange(address, "an IPv4 or IPv6 address") }
        }
        try CertificateAuthority.requirePositive(validity)
    }

    private func outOfRange(_ name: String, _ expected: String) -> TLSError {
        .authority(
            expected: expected,
            got: "'\(CertificateFields.printable(Array(name.utf8)))'",
            remedy: "correct it"
        )
    }
}

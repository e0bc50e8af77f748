package import SelatJSON
package import SelatTLS
package import SelatTime

/// One certificate in a list.
package struct CertificateLine: Hashable, Sendable {
    /// The node's id, or `(authority)`.
    package let name: String
    /// `nil` for an authority.
    package let role: String?
    package let serial: String
    package let notBefore: Instant
    package let notAfter: Instant
    package let fingerprint: String

    /// - Parameter summary: A node's certificate.
    package init(_ summary: CertificateSummary) {
        self.init(summary, name: summary.identity?.nodeID ?? summary.subject)
    }

    /// - Parameter summary: The authority's certificate.
    package init(authority summary: CertificateSummary) {
        self.init(summary, name: "(authority)")
    }

    private init(_ summary: CertificateSummary, name: String) {
        self.init(
            name: name,
            role: summary.identity?.role,
            serial: summary.serial,
            notBefore: summary.notBefore,
            notAfter: summary.notAfter,
            fingerprint: summary.fingerprint.description
        )
    }

    /// From its parts.
    package init(
        name: String,
        role: String?,
        serial: String,
        notBefore: Instant,
        notAfter: Instant,
        fingerprint: String
    ) {
        self.name = name
        self.role = role
        self.serial = serial
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.fingerprint = fingerprint
    }

    /// For people: the day is enough.
    package static func table(_ lines: [CertificateLine]) -> String {
        var table = TextTable(["node", "role", "valid until", "serial"])
        for line in lines {
            table.add([line.name, line.role ?? "-", "\(line.notAfter.date)", line.serial])
        }
        return table.text
    }

    /// The document's members.
    package static func members(_ lines: [CertificateLine]) -> [JSONMember] {
        [JSONMember("certificates", .array(lines.map(\.json)))]
    }

    private var json: JSONValue {
        [
            "name": .string(name),
            "role": role.map { .string($0) } ?? .null,
            "serial": .string(serial),
            "notBefore": .string(notBefore.description),
            "notAfter": .string(notAfter.description),
            "fingerprint": .string(fingerprint),
        ]
    }
}

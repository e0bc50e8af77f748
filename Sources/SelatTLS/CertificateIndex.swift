import SelatTime

/// The authority's text file of everything it has issued: one line a certificate, oldest first.
///
///     # serial node role notAfter issued revoked fingerprint
///     5f0c... ips-sg ips 1826928000 1795392000 - 9a41...
///
/// Instants are seconds since 1970, so that the file is read back without a date parser; `-` means
/// not revoked.
struct CertificateIndex: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        let serial: String
        let nodeID: String
        let role: String
        let notAfter: Int
        let issued: Int
        var revoked: Int?
        let fingerprint: String
    }

    static let header = "# serial node role notAfter issued revoked fingerprint"

    var entries: [Entry] = []

    init() {}

    /// Reads the file's text.
    ///
    /// - Parameters:
    ///   - text: The whole file.
    ///   - file: Its path, for the error.
    /// - Throws: `TLSError.credentials` naming the line that cannot be read.
    init(_ text: String, file: String) throws(TLSError) {
        var number = 0
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            number += 1
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            guard let entry = Entry(line) else {
                throw .credentials(
                    file: "\(file):\(number)",
                    expected: "seven fields: \(CertificateIndex.header.dropFirst(2))",
                    got: "'\(CertificateFields.printable(Array(line.utf8)))'",
                    remedy: "restore the index from a backup; it is written by this tool only"
                )
            }
            entries.append(entry)
        }
    }

    var text: String {
        ([CertificateIndex.header] + entries.map(\.line)).joined(separator: "\n") + "\n"
    }
}

extension CertificateIndex.Entry {
    fileprivate init?(_ line: Substring) {
        let fields = line.split(separator: " ")
        guard fields.count == 7, let notAfter = Int(fields[3]), let issued = Int(fields[4]),
            fields[5] == "-" || Int(fields[5]) != nil
        else { return nil }
        self.init(
            serial: String(fields[0]),
            nodeID: String(fields[1]),
            role: String(fields[2]),
            notAfter: notAfter,
            issued: issued,
            revoked: Int(fields[5]),
            fingerprint: String(fields[6])
        )
    }

    fileprivate var line: String {
        let revoked = revoked.map { String($0) } ?? "-"
        return "\(serial) \(nodeID) \(role) \(notAfter) \(issued) \(revoked) \(fingerprint)"
    }
}

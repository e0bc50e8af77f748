import COpenSSL
package import SelatTime

/// The region's own small certificate authority, in a directory:
///
///     DIR/ca.pem                       its certificate: every node's trust file
///     DIR/ca.key                       its private key: stays where it was made
///     DIR/crl.pem                      its revocation list: every node's revocation file
///     DIR/index.txt                    everything it has issued and revoked (CertificateIndex)
///     DIR/nodes/<id>/certificate.pem   a node's certificate
///     DIR/nodes/<id>/key.pem           a node's private key: moves to that node, and only there
///     DIR/lock                         one order at a time
///
/// Files are mode 0600 in directories of mode 0700, each replaced whole or not at all. Keys are
/// P-256; signatures ECDSA with SHA-256. The directory must not be under version control: the
/// repository ignores `.selat*`, where the command line puts it.
///
/// An institution with a PKI of its own does not need this: any authority will do that puts
/// `URI:selat:<node-id>` and `URI:selat:role:<role>` into the subjectAltName.
package struct CertificateAuthority: Hashable, Sendable {
    /// `DIR`.
    package let directory: String

    /// How long the authority itself is valid unless told otherwise.
    package static let defaultAuthorityValidity = Duration.seconds(3650 * 86_400)
    /// How long a node's certificate is valid unless told otherwise.
    package static let defaultCertificateValidity = Duration.seconds(397 * 86_400)
    /// How long a revocation list stands; every `issue` and `revoke` writes a fresh one.
    package static let revocationListValidity = Duration.seconds(180 * 86_400)
    /// Certificates begin this much before they are made: clocks differ.
    private static let backdating = 300

    /// An authority made earlier. The files are read with each order, not now.
    ///
    /// - Parameter directory: `DIR`.
    package init(directory: String) { self.directory = directory }

    /// The trust file for nodes.
    package var certificateFile: String { directory + "/ca.pem" }
    /// The revocation file for nodes.
    package var revocationListFile: String { directory + "/crl.pem" }
    private var keyFile: String { directory + "/ca.key" }
    private var indexFile: String { directory + "/index.txt" }
    private var lockFile: String { directory + "/lock" }

    /// What a node loads, if it runs from this directory.
    ///
    /// - Parameter nodeID: A node with a certificate issued here.
    /// - Returns: Paths; whether the files are there shows when they are loaded.
    package func credentials(for nodeID: String) -> TLSCredentials {
        TLSCredentials(
            certificateChainFile: "\(directory)/nodes/\(nodeID)/certificate.pem",
            privateKeyFile: "\(directory)/nodes/\(nodeID)/key.pem",
            trustFile: certificateFile,
            revocationListFile: revocationListFile
        )
    }
}

// Orders.
extension CertificateAuthority {
    /// Makes key, self-signed certificate, empty index and empty revocation list.
    ///
    /// - Parameters:
    ///   - directory: `DIR`; its parent must exist.
    ///   - name: The authority's common name, 1...64 printable ASCII characters.
    ///   - now: The time of the order.
    ///   - validity: From `now` on, whole seconds.
    /// - Returns: The authority, ready to issue.
    /// - Throws: `TLSError.authority` if the directory holds one already.
    package static func create(
        at directory: String,
        name: String,
        now: Instant,
        validity: Duration = defaultAuthorityValidity
    ) throws(TLSError) -> CertificateAuthority {
        let authority = CertificateAuthority(directory: directory)
        guard (1...64).contains(name.utf8.count),
            name.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else {
            throw .authority(
                expected: "an authority name of 1 to 64 printable ASCII characters",
                got: "\(name.utf8.count) bytes",
                remedy: "choose a shorter or plainer name"
            )
        }
        try requirePositive(validity)
        try RestrictedFiles.makeDirectory(directory)
        try RestrictedFiles.makeDirectory(directory + "/nodes")
        try RestrictedFiles.withLock(authority.lockFile) { () throws(TLSError) in
            try authority.createLocked(name: name, now: now, validity: validity)
        }
        return authority
    }

    private func createLocked(
        name: String,
        now: Instant,
        validity: Duration
    ) throws(TLSError) {
        guard !RestrictedFiles.exists(keyFile), !RestrictedFiles.exists(certificateFile) else {
            throw .authority(
                expected: "a directory without an authority",
                got: "one in \(directory)",
                remedy: "use it, or choose another directory: its certificates would die with it"
            )
        }
        let key = try CertificateBuilder.makeKey()
        let certificate = try CertificateBuilder.makeAuthority(
            CertificateBuilder.Template(
                commonName: name,
                notBefore: now.wholeSeconds - CertificateAuthority.backdating,
                notAfter: (now + validity).wholeSeconds,
                extensions: [
                    (NID_basic_constraints, "critical,CA:TRUE,pathlen:0"),
                    (NID_key_usage, "critical,keyCertSign,cRLSign"),
                    (NID_subject_key_identifier, "hash"),
                    (NID_authority_key_identifier, "keyid:always"),
                ]
            ),
            key: key
        )
        try PEMFile.write(key, to: keyFile)
        try PEMFile.write(certificate, to: certificateFile)
        let index = CertificateIndex()
        try RestrictedFiles.replace(indexFile, with: Array(index.text.utf8))
        try writeRevocationList(of: index, now: now, certificate: certificate, key: key)
    }

    /// Issues a certificate and a fresh key to a node. Earlier certificates of the node stay good
    /// until they expire or are revoked; its files are replaced.
    ///
    /// - Parameters:
    ///   - request: For whom and until when.
    ///   - now: The time of the order.
    /// - Returns: What the certificate says.
    /// - Throws: `TLSError.authority` for a name out of range.
    package func issue(
        _ request: CertificateRequest,
        now: Instant
    ) throws(TLSError) -> CertificateSummary {
        try request.validate()
        return try RestrictedFiles.withLock(lockFile) { () throws(TLSError) in
            try issueLocked(request, now: now)
        }
    }

    private func issueLocked(
        _ request: CertificateRequest,
        now: Instant
    ) throws(TLSError) -> CertificateSummary {
        let authority = try PEMFile.readCertificate(certificateFile)
        let authorityKey = try PEMFile.readKey(keyFile)
        var index = try readIndex()
        let key = try CertificateBuilder.makeKey()
        let certificate = try CertificateBuilder.makeCertificate(
            CertificateBuilder.Template(
                commonName: request.nodeID,
                notBefore: now.wholeSeconds - CertificateAuthority.backdating,
                notAfter: (now + request.validity).wholeSeconds,
                extensions: [
                    (NID_basic_constraints, "critical,CA:FALSE"),
                    (NID_key_usage, "critical,digitalSignature"),
                    (NID_ext_key_usage, "serverAuth,clientAuth"),
                    (NID_subject_key_identifier, "hash"),
                    (NID_authority_key_identifier, "keyid:always"),
                    (NID_subject_alt_name, request.alternativeNames),
                ]
            ),
            key: key,
            authority: authority,
            authorityKey: authorityKey
        )
        guard let summary = unsafe CertificateSummary(certificate.pointer) else {
            throw .library(operation: "read back a certificate", got: "an unreadable field")
        }
        index.entries.append(
            CertificateIndex.Entry(
                serial: summary.serial,
                nodeID: request.nodeID,
                role: request.role,
                notAfter: summary.notAfter.wholeSeconds,
                issued: now.wholeSeconds,
                revoked: nil,
                fingerprint: summary.fingerprint.description
            )
        )
        // The index first: nothing signed may be missing from it.
        try RestrictedFiles.replace(indexFile, with: Array(index.text.utf8))
        let files = credentials(for: request.nodeID)
        try RestrictedFiles.makeDirectory("\(directory)/nodes/\(request.nodeID)")
        try PEMFile.write(key, to: files.privateKeyFile)
        try PEMFile.write(certificate, to: files.certificateChainFile)
        try writeRevocationList(of: index, now: now, certificate: authority, key: authorityKey)
        return summary
    }

    /// Which certificates to revoke.
    package enum Revocation: Hashable, Sendable {
        /// Every unexpired certificate of the node.
        case node(String)
        /// One certificate; hexadecimal, as `show` prints it.
        case serial(String)
    }

    /// Revokes, and writes a fresh revocation list. Nodes take it up on SIGHUP.
    ///
    /// - Parameters:
    ///   - revocation: Which certificates.
    ///   - now: The time of the order.
    /// - Returns: The serials revoked by this order.
    /// - Throws: `TLSError.authority` if there is nothing to revoke.
    @discardableResult
    package func revoke(_ revocation: Revocation, now: Instant) throws(TLSError) -> [String] {
        try RestrictedFiles.withLock(lockFile) { () throws(TLSError) in
            var index = try readIndex()
            var serials: [String] = []
            for position in index.entries.indices {
                let entry = index.entries[position]
                let isMeant =
                    switch revocation {
                    case .node(let nodeID): entry.nodeID == nodeID
                    case .serial(let serial): entry.serial == serial.lowercased()
                    }
                guard isMeant, entry.revoked == nil, entry.notAfter >= now.wholeSeconds else {
                    continue
                }
                index.entries[position].revoked = now.wholeSeconds
                serials.append(entry.serial)
            }
            guard !serials.isEmpty else { throw nothingToRevoke(revocation) }
            try RestrictedFiles.replace(indexFile, with: Array(index.text.utf8))
            try writeRevocationList(
                of: index,
                now: now,
                certificate: PEMFile.readCertificate(certificateFile),
                key: PEMFile.readKey(keyFile)
            )
            return serials
        }
    }

    /// Writes a fresh revocation list without revoking anything: the old one is running out.
    ///
    /// - Parameter now: The time of the order.
    /// - Throws: `TLSError.credentials` if a file of the authority is unusable.
    package func renewRevocationList(now: Instant) throws(TLSError) {
        try RestrictedFiles.withLock(lockFile) { () throws(TLSError) in
            try writeRevocationList(
                of: readIndex(),
                now: now,
                certificate: PEMFile.readCertificate(certificateFile),
                key: PEMFile.readKey(keyFile)
            )
        }
    }

    /// What a certificate file says; no authority is needed.
    ///
    /// - Parameter file: PEM; the first certificate counts.
    /// - Returns: Its fields.
    /// - Throws: `TLSError.credentials` if it is no certificate.
    package static func show(_ file: String) throws(TLSError) -> CertificateSummary {
        let certificate = try PEMFile.readCertificate(file)
        guard let summary = unsafe CertificateSummary(certificate.pointer) else {
            throw .credentials(
                file: file,
                expected: "an X.509 certificate",
                got: "one with an unreadable field",
                remedy: "issue it anew"
            )
        }
        return summary
    }
}

extension CertificateAuthority {
    private func readIndex() throws(TLSError) -> CertificateIndex {
        let bytes = try RestrictedFiles.read(indexFile)
        return try CertificateIndex(String(decoding: bytes, as: UTF8.self), file: indexFile)
    }

    private func writeRevocationList(
        of index: CertificateIndex,
        now: Instant,
        certificate: borrowing Certificate,
        key: borrowing PrivateKey
    ) throws(TLSError) {
        var revoked: [(serial: String, at: Int)] = []
        // An expired certificate is refused without a list. RFC 5280 section 3.3.
        for entry in index.entries where entry.notAfter >= now.wholeSeconds {
            if let second = entry.revoked { revoked.append((entry.serial, second)) }
        }
        let list = try CertificateBuilder.makeRevocationList(
            revoked: revoked,
            number: now.nanoseconds,
            lastUpdate: now.wholeSeconds - CertificateAuthority.backdating,
            nextUpdate: (now + CertificateAuthority.revocationListValidity).wholeSeconds,
            authority: certificate,
            authorityKey: key
        )
        try PEMFile.write(list, to: revocationListFile)
    }

    private func nothingToRevoke(_ revocation: Revocation) -> TLSError {
        let wanted =
            switch revocation {
            case .node(let nodeID): "node \(CertificateFields.printable(Array(nodeID.utf8)))"
            case .serial(let serial): "serial \(CertificateFields.printable(Array(serial.utf8)))"
            }
        return .authority(
            expected: "an unexpired, unrevoked certificate of \(wanted)",
            got: "none in \(indexFile)",
            remedy: "look it up there"
        )
    }

    static func requirePositive(_ validity: Duration) throws(TLSError) {
        guard validity >= .seconds(1) else {
            throw .authority(
                expected: "a validity of at least one second",
                got: "\(validity)",
                remedy: "give a longer one"
            )
        }
    }
}

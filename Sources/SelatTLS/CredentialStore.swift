import SelatTime
import Synchronization

/// A node's current contexts. New connections take theirs from here; `reload` (SIGHUP) replaces
/// both at once, and connections already up stay on what they were made from.
package final class CredentialStore: Sendable {
    private struct Contexts: Sendable {
        let client: TLSContext
        let server: TLSContext
    }

    private let credentials: TLSCredentials
    private let contexts: Mutex<Contexts>

    /// Reads the files.
    ///
    /// - Parameter credentials: The files, now and at every reload.
    /// - Throws: `TLSError.credentials` naming the file at fault.
    package init(credentials: TLSCredentials) throws(TLSError) {
        self.credentials = credentials
        contexts = Mutex(try CredentialStore.load(credentials))
    }

    /// The context for a new connection.
    ///
    /// - Parameter role: Which end of it this node is.
    /// - Returns: The one loaded last.
    package func context(for role: TLSRole) -> TLSContext {
        contexts.withLock { contexts in
            switch role {
            case .client: contexts.client
            case .server: contexts.server
            }
        }
    }

    /// What this node's own certificate says.
    package var identity: PeerIdentity { context(for: .client).identity }

    /// Reads the files again. If any is unusable, or is another node's, nothing changes.
    ///
    /// - Returns: The identity in the certificate now in use.
    /// - Throws: `TLSError.credentials` naming the file at fault; the old contexts stay.
    @discardableResult
    package func reload() throws(TLSError) -> PeerIdentity {
        let before = identity
        let fresh = try CredentialStore.load(credentials)
        let after = fresh.client.identity
        guard after.nodeID == before.nodeID, after.role == before.role else {
            throw .credentials(
                file: credentials.certificateChainFile,
                expected: "a certificate of \(before.nodeID), role \(before.role ?? "none")",
                got: "one of \(after.nodeID), role \(after.role ?? "none")",
                remedy: "put this node's certificate there, or restart as the other node"
            )
        }
        contexts.withLock { $0 = fresh }
        return after
    }

    private static func load(_ credentials: TLSCredentials) throws(TLSError) -> Contexts {
        Contexts(
            client: try TLSContext(credentials: credentials, role: .client),
            server: try TLSContext(credentials: credentials, role: .server)
        )
    }
}

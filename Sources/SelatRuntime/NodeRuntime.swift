import Glibc
package import Logging
import NIOCore
import NIOPosix
import SelatJSON
import SelatNode
import SelatSQLite
import SelatScheme
import SelatStorage
import SelatTLS
import SelatTime

/// One node as a process: `selat run`.
package struct NodeRuntime: Sendable {
    /// Why the process ends, as its exit code says.
    package enum ExitCode {
        /// Told to stop, and stopped in order.
        package static let stopped: Int32 = 0
        /// Something it needs is not there: a port, its certificate, its database. EX_UNAVAILABLE.
        package static let unavailable: Int32 = 69
        /// The node must not go on. EX_SOFTWARE.
        package static let failed: Int32 = 70
        /// A configuration file is wrong. EX_CONFIG.
        package static let configuration: Int32 = 78
    }

    private let configuration: NodeConfiguration
    private let files: NodeFiles
    private let logger: Logger
    private let crash: CrashTrigger

    /// - Parameters:
    ///   - configuration: What the node is.
    ///   - directory: Where its data is: `NodeFiles`.
    ///   - logger: Where to say what matters.
    ///   - crash: Where to die, in tests.
    package init(
        _ configuration: NodeConfiguration,
        directory: String,
        logger: Logger,
        crash: CrashTrigger = .none
    ) {
        self.configuration = configuration
        files = NodeFiles(directory: directory, node: configuration.node)
        self.logger = logger
        self.crash = crash
    }

    /// Everything the node is started from; opens its database.
    ///
    /// - Returns: The plan.
    /// - Throws: `RuntimeError` for unreadable endpoints, certificates or database.
    package func plan() throws(RuntimeError) -> NodePlan {
        let endpoints = try Endpoints.read(in: files.directory)
        let credentials: CredentialStore
        do throws(TLSError) {
            credentials = try CredentialStore(credentials: files.credentials)
        } catch {
            throw .credentials(error)
        }
        try checkIdentity(credentials.identity)
        let database = files.database
        let store: SharedStore
        do throws(StoreError) {
            store = SharedStore(try SQLiteStore(path: database))
        } catch {
            throw .store(error)
        }
        var plan = NodePlan(
            node: configuration.node,
            kind: configuration.kindName.rawValue,
            roles: configuration.roles,
            links: configuration.links.map { $0.dialling(by: endpoints) },
            listen: configuration.listen.map { endpoints[configuration.node] ?? $0 },
            credentials: credentials,
            store: store,
            trace: { uetr throws(StoreError) in
                try SQLiteReader(path: database).dump(about: uetr)
            },
            socket: files.socket,
            logger: logger
        )
        plan.crash = crash
        plan.limits = configuration.limits
        return plan
    }

    /// Runs the node until it ends or a signal ends it. Blocks the calling thread, which must be
    /// the process's first: threads made later inherit its blocked signals.
    ///
    /// SIGTERM and SIGINT end the node in order, SIGHUP takes up new certificates.
    ///
    /// - Returns: The exit code.
    /// - Throws: `RuntimeError` when the node cannot start.
    package func run() throws(RuntimeError) -> Int32 {
        Memory.keep()
        let signals = Signals()
        TextFile.remove(files.ready)
        let plan = try plan()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let node: RunningNode
        do {
            node = try RunningNode.start(plan, on: group.next()).wait()
        } catch let error as RuntimeError {
            throw error
        } catch {
            throw .ended(node: configuration.node, why: "\(error)")
        }
        node.ready.whenSuccess { endpoint in announce(endpoint) }
        let ended = node.ended.map { end in
            signals.raiseEnd()
            return end
        }
        wait: while true {
            switch signals.next() {
            case .stop(let name): node.stop("received \(name)")
            case .reload: node.reload()
            case .end: break wait
            }
        }
        TextFile.remove(files.ready)
        return exitCode(ended)
    }

    private func exitCode(_ ended: EventLoopFuture<NodeEnd>) -> Int32 {
        do {
            switch try ended.wait() {
            case .stopped: return ExitCode.stopped
            case .failed: return ExitCode.failed
            }
        } catch {
            // `ended` is never broken.
            return ExitCode.failed
        }
    }

    private func checkIdentity(_ identity: PeerIdentity) throws(RuntimeError) {
        let role = configuration.kindName.certificateRole
        guard identity.nodeID == configuration.node, identity.role == role else {
            throw .credentials(
                .credentials(
                    file: files.credentials.certificateChainFile,
                    expected: "a certificate of \(configuration.node), role \(role)",
                    got: "one of \(identity.nodeID), role \(identity.role ?? "none")",
                    remedy: "run 'selat certificates issue \(configuration.node)'"
                )
            )
        }
    }

    /// Says that the node stands, for whoever started it.
    private func announce(_ endpoint: Endpoint?) {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("node", configuration.node)
            writer.member("pid", getpid())
            if let endpoint {
                writer.member("host", endpoint.host)
                writer.member("port", endpoint.port)
            }
            writer.member("socket", files.socket)
        }
        do throws(RuntimeError) {
            let text = String(decoding: writer.bytes, as: UTF8.self)
            try TextFile.replace(files.ready, with: text + "\n")
            logger.info("ready")
        } catch {
            logger.error("\(error)")
        }
    }
}

extension LinkConfiguration {
    /// With the peer where `endpoints.json` says it listens.
    fileprivate func dialling(by endpoints: Endpoints) -> LinkConfiguration {
        guard let dial else { return self }
        return LinkConfiguration(
            peer: peer,
            certificateRole: certificateRole,
            dial: endpoints[peer.node] ?? dial,
            speakers: speakers,
            reaches: reaches,
            rate: rate
        )
    }
}

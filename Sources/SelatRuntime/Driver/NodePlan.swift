package import Logging
package import SelatNode
package import SelatScheme
package import SelatStorage
package import SelatTLS
package import SelatTime
package import SelatWire

/// Everything a node is started from.
package struct NodePlan: Sendable {
    /// The node's id, as its certificate proves it.
    package var node: String
    /// For `status`: `hub`, `country`, `provider` or `participant`.
    package var kind: String
    package var roles: [PartyID: any Role]
    package var links: [LinkConfiguration]
    /// `nil` for a node that only dials.
    package var listen: Endpoint?
    package var credentials: CredentialStore
    package var store: SharedStore
    /// What the store holds of one payment, read apart from the node; runs on a thread of its own.
    package var trace: @Sendable (UUIDv4) throws(StoreError) -> NodeDump
    /// The operator's channel; `nil` for a node without one.
    package var socket: String?
    package var logger: Logger
    /// Where the node shares its loop with others: threads for all of them, ended by whoever made
    /// them. `nil` for a node with a loop and threads of its own.
    package var threads: NodeThreads?
    package var crash = CrashTrigger.none
    package var limits = NodeLimits()
    package var wireLimits = WireLimits()

    /// - Parameters:
    ///   - node: The node's id.
    ///   - kind: For `status`.
    ///   - roles: The parties that run here.
    ///   - links: The neighbours.
    ///   - listen: Where to listen.
    ///   - credentials: What the node proves itself with.
    ///   - store: The node's one truth.
    ///   - trace: Reads one payment from the store, apart from the node.
    ///   - socket: The operator's channel.
    ///   - logger: Where to say what matters.
    package init(
        node: String,
        kind: String,
        roles: [PartyID: any Role],
        links: [LinkConfiguration],
        listen: Endpoint?,
        credentials: CredentialStore,
        store: SharedStore,
        trace: @escaping @Sendable (UUIDv4) throws(StoreError) -> NodeDump,
        socket: String?,
        logger: Logger
    ) {
        self.node = node
        self.kind = kind
        self.roles = roles
        self.links = links
        self.listen = listen
        self.credentials = credentials
        self.store = store
        self.trace = trace
        self.socket = socket
        self.logger = logger
    }

    /// Ways and authorities, from the neighbours.
    var routing: Routing {
        var ways: [PartyID: LinkID] = [:]
        var speakers: [LinkID: Set<PartyID>] = [:]
        for link in links {
            speakers[link.peer] = link.speakers
            for party in link.reaches { ways[party] = link.peer }
        }
        let rates = links.compactMap { link in link.rate.map { (link.peer, $0) } }
        return Routing(
            links: ways,
            speakers: speakers,
            rates: Dictionary(uniqueKeysWithValues: rates)
        )
    }

    /// The hosted parties, in a fixed order.
    var hosted: [PartyID] { roles.keys.sorted() }
}

/// How a node ended.
package enum NodeEnd: Hashable, Sendable {
    /// It was told to.
    case stopped(String)
    /// It must not go on: exit code 70 (EX_SOFTWARE).
    case failed(String)
}

import Logging
import NIOCore
import NIOPosix
import SelatNode
import SelatTLS
import SelatTime

// Listening, dialling, and what comes over links.
extension NodeDriver {
    /// Bytes that the kernel keeps for a peer that does not read. Left to itself it would let them
    /// grow to megabytes before anybody noticed.
    static let sendBuffer = 131_072
    /// Lines about refused handshakes within ten seconds.
    private static let refusalsSaid = 20

    // MARK: Beginning

    /// Binds link listener and operator's channel, then dials. `ready` is kept when all of it
    /// stands; dialling goes on in the background.
    func startListening() {
        let bound = NIOLoopBound(self, eventLoop: loop)
        listenOnLinks(bound).assumeIsolated()
            .flatMap { endpoint in
                self.listenToOperator(bound).map { endpoint }
            }
            .whenComplete { result in
                switch result {
                case .success(let endpoint): self.isListening(endpoint)
                case .failure(let error): self.fail("\(error)")
                }
            }
    }

    private func isListening(_ endpoint: Endpoint?) {
        guard phase == .running else { return }
        if let endpoint { logger.info("listening on \(endpoint)") }
        for link in plan.links {
            guard let endpoint = link.dial else { continue }
            let dialer = Dialer(self, link, to: endpoint)
            dialers[link.peer] = dialer
            dialer.dial()
        }
        ready.succeed(endpoint)
    }

    private func listenOnLinks(_ bound: NIOLoopBound<NodeDriver>) -> EventLoopFuture<Endpoint?> {
        guard let endpoint = plan.listen else { return loop.makeSucceededFuture(nil) }
        var roles: [String: String] = [:]
        for link in plan.links where link.dial == nil {
            roles[link.peer.node] = link.certificateRole
        }
        let admitted = AdmittedPeers(roles: roles)
        return ServerBootstrap(group: loop)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_sndbuf), value: NodeDriver.sendBuffer)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let ticket = try bound.value.enter(channel)
                    try bound.value.addHandlers(to: channel, as: .server, admitted, ticket)
                }
            }
            .bind(host: endpoint.host, port: endpoint.port)
            .flatMapErrorThrowing { error in
                throw RuntimeError.listen(address: endpoint.description, got: "\(error)")
            }
            .map { channel in
                bound.value.listeners.append(channel)
                let port = channel.localAddress?.port ?? endpoint.port
                return Endpoint(host: endpoint.host, port: port)
            }
    }

    /// TLS, then the link.
    func addHandlers(
        to channel: any Channel,
        as role: TLSRole,
        _ admitted: AdmittedPeers,
        _ ticket: HandshakeDoor.Ticket? = nil
    ) throws {
        let bound = NIOLoopBound(self, eventLoop: loop)
        let tls = try OpenSSLHandler(
            context: plan.credentials.context(for: role),
            buffers: buffers,
            judge: { admitted.verdict(on: $0) },
            onRefusal: { refusal in
                bound.value.refused(refusal)
            }
        )
        try channel.pipeline.syncOperations.addHandlers(
            tls,
            LinkHandler(self, over: tls, ticket: ticket)
        )
    }

    // MARK: The door

    /// Somebody has connected and proved nothing.
    private func enter(_ channel: any Channel) throws -> HandshakeDoor.Ticket {
        let address = channel.remoteAddress?.ipAddress ?? ""
        let ticket: HandshakeDoor.Ticket
        switch door.knock(from: address, at: clock.now()) {
        case .admitted(let own): ticket = own
        case .admittedInsteadOf(let other, let own):
            counters.noteTurnedAway()
            pending.removeValue(forKey: other)?.close(mode: .all, promise: nil)
            ticket = own
        case .refused:
            counters.noteTurnedAway()
            throw ChannelError.ioOnClosedChannel
        }
        pending[ticket] = channel
        return ticket
    }

    /// One line for each, but no more than a person can read: who is refused costs no disk.
    private func refused(_ refusal: TLSRefusal) {
        counters.noteRefusedHandshake()
        let now = clock.now()
        if now >= refusals.since + .seconds(10) {
            if refusals.unsaid > 0 {
                logger.warning("\(refusals.unsaid) more TLS handshakes were refused")
            }
            refusals = (now, 0, 0)
        }
        refusals.said += 1
        if refusals.said <= NodeDriver.refusalsSaid {
            logger.warning("\(refusal)")
        } else {
            refusals.unsaid += 1
        }
    }

    /// It has proved itself, or is gone.
    func leftDoor(_ ticket: HandshakeDoor.Ticket) {
        door.left(ticket)
        pending[ticket] = nil
    }

    // MARK: Connections

    /// A peer has proved to be `link`. `nil` when the node is leaving.
    func connected(_ link: LinkID, _ handler: LinkHandler) -> LinkedNode.ConnectionID? {
        guard phase == .running else { return nil }
        lastConnection += 1
        handlers[lastConnection] = handler
        node.connected(link, lastConnection, at: clock.now())
        touch()
        return lastConnection
    }

    /// Plaintext came.
    func received(_ buffer: ByteBuffer, on connection: LinkedNode.ConnectionID) {
        guard phase == .running else { return }
        node.received(
            buffer.readableBytesUInt8Span,
            on: connection,
            at: clock.now(),
            seed: seeds.next()
        )
        if node.isFull(connection), paused.insert(connection).inserted {
            handlers[connection]?.reads(false)
        }
        touch()
    }

    /// A batch is committed: whoever had too much waiting may have less now.
    func readAgain() {
        for connection in paused where !node.isFull(connection) {
            paused.remove(connection)
            handlers[connection]?.reads(true)
        }
    }

    /// The connection broke; its end follows.
    func failed(_ connection: LinkedNode.ConnectionID, _ problem: String) {
        logger.info("connection \(connection) broke: \(problem)")
    }

    /// The peer costs more than its link is worth; it may dial again.
    func cut(_ connection: LinkedNode.ConnectionID, _ why: String) {
        counters.noteCutConnection()
        logger.warning("connection \(connection) is cut: \(why)")
    }

    /// The transport is gone.
    func disconnected(_ connection: LinkedNode.ConnectionID) {
        handlers[connection] = nil
        paused.remove(connection)
        switch phase {
        case .opening, .running:
            node.disconnected(connection, at: clock.now())
            touch()
        case .leaving: leaveIfFinished()
        case .ended: break
        }
    }

    // MARK: Reports

    func linkIsUp(_ link: LinkID) {
        linkTimes[link] = clock.now()
        dialers[link]?.linkIsUp()
        logger.info("link \(link) is up")
    }

    func linkIsDown(_ link: LinkID, _ why: String) {
        linkTimes[link] = clock.now()
        logger.info("link \(link) is down: \(why)")
    }

    /// What has just become durable: alerts to the log, steps to those who watch.
    func notice(_ history: [HistoryRow], _ alerts: [AlertRow]) {
        for row in alerts {
            let payment = row.alert.uetr.map { " payment \($0)" } ?? ""
            let level: Logger.Level =
                switch row.alert.severity {
                case .notice: .notice
                case .security: .warning
                case .incident: .error
                }
            logger.log(
                level: level,
                "\(row.alert.severity.rawValue) at \(row.instance)\(payment): \(row.alert.text)"
            )
        }
        for tell in observers { tell(history) }
        guard !watchers.isEmpty else { return }
        for row in history { tellWatchers(row) }
    }
}

import Glibc
import NIOCore
import NIOPosix
import SelatJSON
import SelatNode
import SelatScheme
import SelatStorage
import SelatTime

// The operator's channel: the node's own operations, and requests to parties.
extension NodeDriver {
    /// Binds the socket, for its owner only.
    func listenToOperator(_ bound: NIOLoopBound<NodeDriver>) -> EventLoopFuture<Void> {
        guard let path = plan.socket else { return loop.makeSucceededVoidFuture() }
        return ServerBootstrap(group: loop)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(OperatorHandler(bound.value))
                }
            }
            .bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true)
            .flatMapThrowing { channel in
                // The data directory is 0700 where 'selat up' made it; the socket never opens wider.
                guard unsafe chmod(path, 0o600) == 0 else {
                    throw RuntimeError.operatorChannel(
                        path: path,
                        got: "its permissions cannot be set",
                        remedy: "put the data directory on a local file system"
                    )
                }
                bound.value.listeners.append(channel)
            }
    }

    /// A connection of the operator's is gone; nobody waits for its answers any more.
    func forget(_ handler: OperatorHandler) {
        operators[ObjectIdentifier(handler)] = nil
        calls = calls.filter { !$0.value.isOf(handler) }
        tidying.calls.removeAll { $0.isOf(handler) }
        for (uetr, watching) in watchers {
            let rest = watching.filter { !$0.isOf(handler) }
            watchers[uetr] = rest.isEmpty ? nil : rest
        }
    }

    /// One request of the operator's.
    func asked(
        _ call: OperatorCall,
        from: PartyID,
        to: PartyID,
        _ operation: String,
        _ body: JSONCursor
    ) {
        counters.noteOperatorRequest()
        guard phase == .running else {
            return call.answer(503, ["error": "the node is leaving"])
        }
        guard to == OperatorProtocol.node else {
            return ask(call, from: from, to: to, operation, body)
        }
        guard from == .operatorChannel else {
            return call.answer(403, ["error": "only the operator asks the node itself"])
        }
        switch OperatorProtocol.Operation(rawValue: operation) {
        case .status: call.answer(200, status())
        case .trace: readEvidence(call, body) { dump, _ in dump.traceBody }
        case .messages:
            readEvidence(call, body) { dump, cursor throws(JSONError) in
                dump.messagesBody(after: try cursor.optional("after")?.integer(Int64.self) ?? 0)
            }
        case .watch: watch(call, body)
        case .archive: registerArchive(call, body)
        case .tidy: tidy(call)
        case .stop:
            call.answer(200, [:])
            stop("the operator asked for it")
        case nil:
            let known = OperatorProtocol.Operation.allCases.map(\.rawValue).joined(separator: ", ")
            call.answer(404, ["error": .string("the node itself knows \(known)")])
        }
    }

    /// The answer to a request that went to a party.
    func reply(_ token: UInt64, _ reply: Reply) {
        guard let call = calls.removeValue(forKey: token) else { return }
        crash.pass(.beforeReply)
        call.answer(reply)
    }

    private func ask(
        _ call: OperatorCall,
        from: PartyID,
        to: PartyID,
        _ operation: String,
        _ body: JSONCursor
    ) {
        // The operator is itself, or acts as a party that lives here; never as one of elsewhere.
        guard from == .operatorChannel || plan.roles[from] != nil else {
            return call.answer(403, ["error": .string("\(from) is not hosted by this node")])
        }
        lastCall += 1
        calls[lastCall] = call
        node.request(
            lastCall,
            from: from,
            to: to,
            Request(operation: operation, body: body),
            at: clock.now(),
            seed: seeds.next()
        )
        touch()
    }

    // MARK: Status

    private func status() -> JSONValue {
        let now = clock.now()
        let up = Set(node.linksUp)
        let links = plan.links.map { link -> JSONValue in
            [
                "node": .string(link.peer.node),
                "up": .bool(up.contains(link.peer)),
                "since": linkTimes[link.peer].map { .string($0.description) } ?? .null,
                "dials": .bool(link.dial != nil),
                "undelivered": .integer(node.undelivered(link.peer)),
            ]
        }
        let age = openPayments.oldestAge(at: now)
        return [
            "node": .string(plan.node),
            "kind": .string(plan.kind),
            "pid": .integer(getpid()),
            "started": .string(started.description),
            "now": .string(now.description),
            "parties": .array(plan.hosted.map { .string($0.name) }),
            "links": .array(links),
            "idle": .bool(node.isIdle),
            "openPayments": .integer(openPayments.count),
            "oldestInDoubtMilliseconds": age.map { .integer($0.nanoseconds / 1_000_000) } ?? .null,
            "counts": [
                "commits": .integer(counters.commits),
                "conflicts": .integer(counters.conflicts),
                "messagesReceived": .integer(counters.messagesReceived),
                "messagesSent": .integer(counters.messagesSent),
                "paymentChanges": .integer(counters.paymentChanges),
                "alerts": .integer(counters.alerts),
                "operatorRequests": .integer(counters.operatorRequests),
                "refusedHandshakes": .integer(counters.refusedHandshakes),
                "turnedAway": .integer(counters.turnedAway),
                "cutConnections": .integer(counters.cutConnections),
            ],
        ]
    }

    // MARK: Evidence

    /// Reads one payment from the store, on the thread for it, and answers what `body` makes of it.
    private func readEvidence(
        _ call: OperatorCall,
        _ body: JSONCursor,
        _ answer: @escaping @Sendable (NodeDump, JSONCursor) throws(JSONError) -> JSONValue
    ) {
        guard let uetr = uetr(call, body) else { return }
        let trace = plan.trace
        let loop = self.loop
        let bound = NIOLoopBound(call, eventLoop: loop)
        threads.evidence.submit { _ in
            let result: (UInt16, JSONValue)
            do {
                result = (200, try answer(try trace(uetr), body))
            } catch let error as JSONError {
                result = (400, ["error": .string(error.description)])
            } catch {
                result = (503, ["error": .string("\(error)")])
            }
            loop.execute { bound.value.answer(result.0, result.1) }
        }
    }

    private func watch(_ call: OperatorCall, _ body: JSONCursor) {
        guard let uetr = uetr(call, body) else { return }
        watchers[uetr, default: []].append(call)
    }

    /// One step of a payment that somebody watches.
    func tellWatchers(_ row: HistoryRow) {
        for call in watchers[row.uetr] ?? [] { call.answer(OperatorProtocol.more, row.body) }
    }

    private func uetr(_ call: OperatorCall, _ body: JSONCursor) -> UUIDv4? {
        do {
            if let uetr = UUIDv4(try body.string("uetr")) { return uetr }
            call.answer(400, ["error": "uetr: expected a lower-case UUID version 4"])
        } catch {
            call.answer(400, ["error": .string(error.description)])
        }
        return nil
    }
}

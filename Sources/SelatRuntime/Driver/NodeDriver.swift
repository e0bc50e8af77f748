import Logging
import NIOCore
import NIOPosix
import SelatJSON
import SelatNode
import SelatScheme
import SelatTLS
import SelatTime

/// Runs one node on one event loop: it reads sockets, clock and store for `LinkedNode`, and
/// carries out what that says. All state is the loop's; no message passes a task or an actor.
///
/// What one wake-up of the loop read is one batch: inputs are only collected, and at the end of the
/// turn decided together. Commits run on a thread of their own; exactly one is in flight.
final class NodeDriver {
    enum Phase: Hashable {
        /// The books are being opened; nobody is listened to.
        case opening
        case running
        /// Goodbyes are out; the commit in flight is waited for.
        case leaving(NodeEnd)
        case ended
    }

    let plan: NodePlan
    let loop: any EventLoop
    let clock: NodeClock
    let logger: Logger
    let ended: EventLoopPromise<NodeEnd>
    /// Kept when the books are open and everything is listened on.
    let ready: EventLoopPromise<Endpoint?>
    let threads: NodeThreads

    var node: LinkedNode
    var seeds = SeedSource()
    var crash: CrashTrigger
    var phase = Phase.opening
    var counters = NodeCounters()
    var openPayments: OpenPayments
    let started: Instant

    // Links.
    var listeners: [any Channel] = []
    var dialers: [LinkID: Dialer] = [:]
    var handlers: [LinkedNode.ConnectionID: LinkHandler] = [:]
    /// Of all connections: they share the loop.
    let buffers = TLSBuffers()
    var lastConnection: LinkedNode.ConnectionID = 0
    var door = HandshakeDoor()
    /// Refused handshakes of the last ten seconds that are in the log, and those that are not.
    var refusals = (since: Instant.distantPast, said: 0, unsaid: 0)
    /// Those at the door, to be closed when others need the place.
    var pending: [HandshakeDoor.Ticket: any Channel] = [:]
    /// Connections that are not read for now.
    var paused: Set<LinkedNode.ConnectionID> = []
    var linkTimes: [LinkID: Instant] = [:]

    // The operator's channel.
    var operators: [ObjectIdentifier: OperatorHandler] = [:]
    var calls: [UInt64: OperatorCall] = [:]
    var lastCall: UInt64 = 0
    var watchers: [UUIDv4: [OperatorCall]] = [:]
    /// The operator's wish that the database be tidy.
    var tidying = Tidying()
    /// Code of this process that sees every step.
    var observers: [([HistoryRow]) -> Void] = []

    /// While leaving: what peers have acknowledged is durable, or on its way.
    var isSettled = false
    /// Ends a node that cannot leave in order.
    var patience: Scheduled<Void>?
    /// Room for a turn's actions, kept from one turn to the next.
    private var spareActions: [LinkedNode.Action] = []
    private var isTurnOpen = false
    private var isCommitting = false
    private var disk = DiskPace()
    private var pace = BatchPace()
    private var scheduling = Scheduling()
    /// A turn is scheduled for the instant at which the next batch may begin.
    private var isPaced = false
    private var writesPayments = false
    private var wake: (at: Instant, task: Scheduled<Void>)?

    /// On the loop. Recovers what the store holds.
    init(_ plan: NodePlan, on loop: any EventLoop) throws(StoreError) {
        let recovered = try plan.store.recover()
        self.plan = plan
        self.loop = loop
        clock = NodeClock(notBefore: recovered.greatestInstant)
        started = clock.now()
        logger = plan.logger
        crash = plan.crash
        ended = loop.makePromise(of: NodeEnd.self)
        ready = loop.makePromise(of: Endpoint?.self)
        threads = plan.threads ?? NodeThreads()
        openPayments = OpenPayments(recovered.timers, at: started)
        let epochSeed = seeds.next()
        node = LinkedNode(
            name: plan.node,
            core: NodeCore(
                roles: plan.roles,
                routing: plan.routing,
                limits: plan.limits,
                recovered: recovered,
                epochSeed: epochSeed
            ),
            wireLimits: plan.wireLimits
        )
    }

    /// Opens the books, then listens, dials and answers the operator.
    func open() {
        if clock.lag > .seconds(1) {
            logger.warning(
                "the system's clock is \(clock.lag) behind the store; set it, and mind the gap"
            )
        }
        crash.pass(.beforeOpening)
        for party in plan.hosted {
            node.open(Event(at: clock.now(), seed: seeds.next(), instance: party, body: .opening))
        }
        endTurn()
    }

    // MARK: Turns

    /// Something was fed: it is decided when this turn of the loop has read everything.
    func touch() {
        guard !isTurnOpen else { return }
        isTurnOpen = true
        loop.assumeIsolated().execute { self.endTurn() }
    }

    private func endTurn() {
        isTurnOpen = false
        switch phase {
        case .opening: node.turnEnded()
        case .running:
            if !node.isIdle, !isCommitting { crash.pass(.afterReceive) }
            if mayBegin() { node.turnEnded() }
        case .leaving, .ended: break
        }
        carryOut()
        guard case .opening = phase, node.isIdle else { return }
        phase = .running
        startListening()
    }

    /// Whether a batch may begin; if not yet, comes back when it may.
    private func mayBegin() -> Bool {
        let waiting = node.waiting
        // While one is in flight nothing begins, and what needs no batch need not wait.
        guard !isCommitting, waiting > 0 else { return true }
        let now = NIODeadline.now()
        guard waiting < plan.limits.batch, now < pace.earliest else {
            pace.begins(at: now, events: waiting)
            scheduling.follow(isBusy: pace.isBusy)
            return true
        }
        if !isPaced {
            isPaced = true
            loop.assumeIsolated().scheduleTask(deadline: pace.earliest) {
                self.isPaced = false
                self.endTurn()
            }
        }
        return false
    }

    /// Carries out whatever the node wants, until it wants nothing more.
    func carryOut() {
        var actions: [LinkedNode.Action] = []
        swap(&actions, &spareActions)
        defer { swap(&actions, &spareActions) }
        var goesOn = true
        while goesOn {
            goesOn = false
            node.takeActions(&actions)
            actions.turnOver()
            while let action = actions.popLast() {
                switch consume action {
                case .fetch(let token, let keys):
                    fetch(token, keys)
                    goesOn = true
                case .commit(let token, let batch): commit(token, batch)
                case .recall(let link, let epoch, let first, let last):
                    recall(link, epoch: epoch, from: first, through: last)
                    goesOn = true
                case .write(let connection, let bytes):
                    write(bytes, on: connection)
                    node.reuse(bytes)
                case .close(let connection, _): handlers[connection]?.close()
                case .reply(let token, let reply): self.reply(token, reply)
                case .notice(let history, let alerts): notice(history, alerts)
                case .linkUp(let link): linkIsUp(link)
                case .linkDown(let link, let why): linkIsDown(link, why)
                case .report(let text): logger.warning("\(text)")
                case .wakeAt(let instant): wake(at: instant)
                case .stop(let why): fail(why)
                }
            }
        }
    }

    // MARK: Store

    private func fetch(_ token: NodeCore.Token, _ keys: [FactKey]) {
        if keys.contains(where: \.isPayment) { crash.pass(.beforeFetch) }
        do {
            node.fetched(token, try plan.store.fetch(keys))
        } catch {
            fail("\(error)")
        }
    }

    private func recall(
        _ link: LinkID,
        epoch: UInt64,
        from first: UInt64,
        through last: UInt64
    ) {
        do {
            let messages = try plan.store.sent(link, epoch: epoch, from: first, through: last)
            node.recalled(link, messages)
        } catch {
            fail("\(error)")
        }
    }

    private func commit(_ token: NodeCore.Token, _ sealed: SealedBatch) {
        if !sealed.batch.payments.isEmpty { crash.pass(.beforeCommit) }
        isCommitting = true
        let store = plan.store
        let loop = self.loop
        let driver = NIOLoopBound(self, eventLoop: loop)
        let trigger = crash
        let commit: @Sendable () -> Void = {
            let start = NIODeadline.now()
            let outcome = store.commit(sealed.batch)
            let took = NIODeadline.now() - start
            // A copy counts here; the loop counts the same passage on its own one below.
            var crash = trigger
            if !sealed.batch.payments.isEmpty, outcome == .committed { crash.pass(.afterCommit) }
            loop.execute { driver.value.committed(token, sealed, outcome, took) }
        }
        // Nodes that share threads share loops as well, and hold up nobody else's.
        if disk.isQuick, plan.threads == nil {
            commit()
        } else {
            threads.committers.submit { _ in commit() }
        }
    }

    private func committed(
        _ token: NodeCore.Token,
        _ sealed: SealedBatch,
        _ outcome: CommitOutcome,
        _ took: TimeAmount
    ) {
        isCommitting = false
        disk.note(took)
        counters.note(sealed.batch, outcome)
        if outcome == .committed {
            openPayments.note(sealed.batch)
            if !sealed.batch.payments.isEmpty {
                // The passage that the commit thread counted on a copy.
                crash.pass(.afterCommit)
                crash.pass(.beforeWrite)
                writesPayments = crash.awaits(.afterWrite)
            }
        }
        node.committed(token, outcome, at: clock.now())
        readAgain()
        endTurn()
        tidyFurther()
        leaveIfFinished()
        // After this, when all is written and the batch is let go.
        if node.isIdle { loop.assumeIsolated().execute { self.node.forgetBatch() } }
    }

    /// True while the store works on a batch.
    var hasCommitInFlight: Bool { isCommitting }

    private func write(_ bytes: [UInt8], on connection: LinkedNode.ConnectionID) {
        guard let handler = handlers[connection] else { return }
        guard writesPayments else { return handler.write(bytes) }
        writesPayments = false
        handler.write(bytes) { self.crash.pass(.afterWrite) }
    }

    // MARK: Time

    private func wake(at instant: Instant) {
        if let wake {
            // An early tick does no harm and asks anew; only an earlier one is worth a new task.
            guard instant < wake.at else { return }
            wake.task.cancel()
        }
        let delay = max((instant - clock.now()).nanoseconds, 0)
        let task = loop.assumeIsolated().scheduleTask(in: .nanoseconds(delay)) { self.tick() }
        wake = (instant, task)
    }

    private func tick() {
        wake = nil
        guard phase == .running else { return }
        let now = clock.now()
        if let due = node.nextTimer, due <= now { crash.pass(.beforeTimer) }
        node.tick(at: now, seed: seeds.next())
        touch()
    }

    func cancelWake() {
        wake?.task.cancel()
        wake = nil
    }

    /// The node's own threads end; others' are still needed.
    func releaseThreads() {
        if plan.threads == nil { threads.release() }
    }
}

extension FactKey {
    fileprivate var isPayment: Bool {
        switch self {
        case .payment: true
        case .instruction, .receipt, .account, .record: false
        }
    }
}

import Logging
import NIOCore
import SelatNode
import SelatTLS
import SelatTime

// Stopping, failing, and new certificates.
extension NodeDriver {
    /// How long goodbyes and the last commit may take before the node ends without them.
    private static let longestLeave = Duration.seconds(5)

    /// Ends in order: goodbye on every link, the commit in flight, then the end.
    func stop(_ why: String) {
        leave(.stopped(why))
    }

    /// The core or the store must not go on.
    func fail(_ why: String) {
        logger.critical("stopping: \(why)")
        leave(.failed(why))
    }

    private func leave(_ end: NodeEnd) {
        switch phase {
        case .opening, .running: break
        case .leaving, .ended: return
        }
        phase = .leaving(end)
        if case .stopped(let why) = end { logger.info("leaving: \(why)") }
        for listener in listeners { listener.close(promise: nil) }
        for dialer in dialers.values { dialer.stop() }
        for handler in operators.values { handler.close() }
        cancelWake()
        node.leave()
        carryOut()
        patience = loop.assumeIsolated()
            .scheduleTask(in: .nanoseconds(NodeDriver.longestLeave.nanoseconds)) { self.finish() }
        leaveIfFinished()
    }

    /// Ends once nothing is in flight and every connection is closed.
    func leaveIfFinished() {
        guard case .leaving = phase, handlers.isEmpty, !hasCommitInFlight else { return }
        if !isSettled {
            // What peers acknowledged last is written once more, or they would get it again.
            isSettled = true
            node.settle()
            carryOut()
            if hasCommitInFlight { return }
        }
        finish()
    }

    private func finish() {
        guard case .leaving(let end) = phase else { return }
        phase = .ended
        if let socket = plan.socket { TextFile.remove(socket) }
        patience?.cancel()
        patience = nil
        releaseThreads()
        plan.store.close()
        switch end {
        case .stopped(let why), .failed(let why):
            ready.fail(RuntimeError.ended(node: plan.node, why: why))
        }
        ended.succeed(end)
    }

    /// SIGHUP: certificates and revocations anew. Links that are up stay as they are.
    func reload() {
        do {
            let identity = try plan.credentials.reload()
            logger.info("certificates reloaded; valid until \(identity.notAfter)")
        } catch {
            logger.error("certificates not reloaded: \(error)")
        }
    }
}

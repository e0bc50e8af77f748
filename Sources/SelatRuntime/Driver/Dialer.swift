import Logging
import NIOCore
import NIOPosix
import SelatNode
import SelatTLS
import SelatTime

/// Keeps one link dialled: connects, and after each end connects again, later and later, with
/// jitter, so that a region that lost its hub does not come back in one instant.
final class Dialer {
    /// The first wait after a failure; doubles.
    static let shortest = Duration.milliseconds(100)
    /// The longest wait.
    static let longest = Duration.seconds(10)

    private enum Phase {
        case idle
        case connecting
        case connected(any Channel)
        case waiting(Scheduled<Void>)
        case stopped
    }

    private let driver: NodeDriver
    private let link: LinkConfiguration
    private let endpoint: Endpoint
    private var phase = Phase.idle
    private var failures = 0
    private var lastProblem: String?

    init(_ driver: NodeDriver, _ link: LinkConfiguration, to endpoint: Endpoint) {
        self.driver = driver
        self.link = link
        self.endpoint = endpoint
    }

    func dial() {
        switch phase {
        case .idle, .waiting: break
        case .connecting, .connected, .stopped: return
        }
        phase = .connecting
        let bound = NIOLoopBound(self, eventLoop: driver.loop)
        ClientBootstrap(group: driver.loop)
            .connectTimeout(.seconds(5))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_sndbuf), value: NodeDriver.sendBuffer)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try bound.value.prepare(channel) }
            }
            .connect(host: endpoint.host, port: endpoint.port)
            .assumeIsolated()
            .whenComplete { result in
                switch result {
                case .success(let channel): self.connected(channel)
                case .failure(let error): self.ended("\(error)")
                }
            }
    }

    /// The link is greeted: the next end is a first failure again.
    func linkIsUp() {
        failures = 0
        lastProblem = nil
    }

    func stop() {
        switch phase {
        case .waiting(let retry): retry.cancel()
        case .idle, .connecting, .connected, .stopped: break
        }
        phase = .stopped
    }

    private func prepare(_ channel: any Channel) throws {
        let admitted = AdmittedPeers(dialling: link.peer.node, role: link.certificateRole)
        try driver.addHandlers(to: channel, as: .client, admitted)
    }

    private func connected(_ channel: any Channel) {
        guard case .connecting = phase else {
            channel.close(promise: nil)
            return
        }
        phase = .connected(channel)
        channel.closeFuture.assumeIsolated().whenComplete { _ in self.ended(nil) }
    }

    private func ended(_ problem: String?) {
        if case .stopped = phase { return }
        // One line for each new problem, not one for each attempt.
        if let problem, problem != lastProblem {
            driver.logger.info("cannot reach \(link.peer) at \(endpoint): \(problem)")
            lastProblem = problem
        }
        let delay = Dialer.delay(after: failures, jitter: driver.seeds.next().high)
        failures += 1
        let retry = driver.loop.assumeIsolated()
            .scheduleTask(in: .nanoseconds(delay.nanoseconds)) { self.dial() }
        phase = .waiting(retry)
    }

    /// From half of the doubled wait to all of it.
    static func delay(after failures: Int, jitter: UInt64) -> Duration {
        var whole = shortest
        for _ in 0..<min(failures, 10) where whole < longest { whole *= 2 }
        whole = min(whole, longest)
        let half = whole.nanoseconds / 2
        return .nanoseconds(half + Int64(jitter % UInt64(half + 1)))
    }
}

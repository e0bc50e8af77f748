package import NIOCore
package import SelatJSON
package import SelatNode
package import SelatScheme
package import SelatTime

/// A node as seen by code in its own process that runs on the node's own loop: it asks as the
/// operator's channel does, without a socket, and sees what has become durable. For load drivers;
/// a value of this type never leaves the loop.
package struct LocalNode {
    private let driver: NodeDriver

    init(_ driver: NodeDriver) { self.driver = driver }

    /// The loop that is the node's own.
    package var loop: any EventLoop { driver.loop }

    /// The node's time.
    package var now: Instant { driver.clock.now() }

    /// The peers whose links stand.
    package var linksUp: [LinkID] { driver.node.linksUp }

    /// Asks a party, as the operator or as a party that the node hosts. What is asked within one
    /// turn of the loop is decided together.
    ///
    /// - Parameters:
    ///   - operation: Specs/Protocol/Requests.md.
    ///   - party: Who is asked.
    ///   - from: The operator, or a party that the node hosts.
    ///   - body: An object.
    ///   - answer: Called on the loop.
    package func ask(
        _ operation: String,
        of party: PartyID,
        as from: PartyID = .operatorChannel,
        _ body: JSONCursor,
        answer: @escaping (Reply) -> Void
    ) {
        driver.asked(OperatorCall(answer), from: from, to: party, operation, body)
    }

    /// Calls `tell` on the loop after each commit, with the steps that have become durable.
    package func observe(_ tell: @escaping ([HistoryRow]) -> Void) {
        driver.observers.append(tell)
    }
}

extension RunningNode {
    /// Runs `work` on the node's loop.
    package func onLoop<Value: Sendable>(
        _ work: @escaping @Sendable (LocalNode) -> Value
    ) -> EventLoopFuture<Value> {
        loop.submit { [driver] in work(LocalNode(driver.value)) }
    }
}

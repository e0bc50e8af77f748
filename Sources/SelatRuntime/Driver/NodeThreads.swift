import NIOPosix

/// The threads on which nodes do what must not hold up an event loop. A node has its own, or shares
/// those of other nodes in its process: any of them may do any node's work.
package final class NodeThreads: Sendable {
    /// For commits that are not quick.
    let committers: NIOThreadPool
    /// For reading a store apart from its node.
    let evidence: NIOThreadPool

    /// Starts them.
    ///
    /// - Parameter committers: Nodes that can wait for a slow disk at the same time, at least 1.
    package init(committers: Int = 1) {
        self.committers = NIOThreadPool(numberOfThreads: committers)
        evidence = NIOThreadPool(numberOfThreads: 1)
        self.committers.start()
        evidence.start()
    }

    /// Ends them, once what they do is done.
    package func release() {
        committers.shutdownGracefully { _ in }
        evidence.shutdownGracefully { _ in }
    }
}

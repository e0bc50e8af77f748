import Logging
package import NIOCore
import NIOPosix
import SelatNode

/// A node that runs on an event loop, as seen from any thread.
package struct RunningNode: Sendable {
    let driver: NIOLoopBound<NodeDriver>
    /// Kept with the address listened on, once the books are open and everything stands; broken
    /// when the node ends before that.
    package let ready: EventLoopFuture<Endpoint?>
    /// Kept when the node has ended. Never broken.
    package let ended: EventLoopFuture<NodeEnd>
    let loop: any EventLoop

    private init(_ driver: NodeDriver) {
        loop = driver.loop
        self.driver = NIOLoopBound(driver, eventLoop: driver.loop)
        ready = driver.ready.futureResult
        ended = driver.ended.futureResult
    }

    /// Starts a node.
    ///
    /// - Parameters:
    ///   - plan: What it is.
    ///   - loop: The loop that is the node's own from here on.
    /// - Returns: The node, which is not ready yet; broken when its store cannot be read.
    package static func start(
        _ plan: NodePlan,
        on loop: any EventLoop
    ) -> EventLoopFuture<RunningNode> {
        loop.submit {
            do throws(StoreError) {
                let driver = try NodeDriver(plan, on: loop)
                driver.open()
                return RunningNode(driver)
            } catch {
                throw RuntimeError.store(error)
            }
        }
    }

    /// Ends the node in order: goodbyes, the commit in flight, then `ended`.
    ///
    /// - Parameter why: For the log.
    package func stop(_ why: String) {
        loop.execute { [driver] in driver.value.stop(why) }
    }

    /// Takes up new certificates and revocations.
    package func reload() {
        loop.execute { [driver] in driver.value.reload() }
    }
}

import Foundation
import SelatJSON
import SelatRuntime
import SelatTime

/// Follows one payment at every node of a region: one thread a node, each on a connection of its
/// own to the node's socket. The threads end with the process.
struct RegionWatch: Sendable {
    /// What a watching thread has to say.
    enum News: Sendable {
        /// The node reports steps from now on.
        case watching(node: String)
        case step(PaymentStep)
        /// The node reports no more.
        case lost(node: String, why: String)
    }

    /// Where the news arrive.
    let news = Mailbox<News>()

    /// Starts watching, and waits until every node does or can not.
    ///
    /// - Parameters:
    ///   - uetr: The payment.
    ///   - nodes: The nodes' ids.
    ///   - directory: `DIR`.
    ///   - patience: The longest wait.
    /// - Returns: The nodes that report nothing, and why.
    static func start(
        _ uetr: UUIDv4,
        at nodes: [String],
        in directory: String,
        patience: Duration = .seconds(5)
    ) -> (watch: RegionWatch, lost: [String: String]) {
        let watch = RegionWatch()
        let news = watch.news
        for node in nodes {
            let socket = NodeFiles(directory: directory, node: node).socket
            Thread.detachNewThread { report(uetr, at: node, socket, to: news) }
        }
        var lost: [String: String] = [:]
        var waiting = Set(nodes)
        let deadline = ContinuousClock.now + patience
        var early: [News] = []
        while !waiting.isEmpty, let next = news.take(until: deadline) {
            switch next {
            case .watching(let node): waiting.remove(node)
            case .lost(let node, let why):
                waiting.remove(node)
                lost[node] = why
            case .step: early.append(next)
            }
        }
        for node in waiting { lost[node] = "no answer in time" }
        for step in early { news.put(step) }
        return (watch, lost)
    }

    private static func report(
        _ uetr: UUIDv4,
        at node: String,
        _ socket: String,
        to news: Mailbox<News>
    ) {
        do {
            let client = try OperatorClient(socket: socket, patience: .seconds(86_400))
            let watching = try client.send(
                "watch",
                of: OperatorProtocol.node,
                ["uetr": .string(uetr.description)]
            )
            // Answered in order: when this comes, the watch stands.
            let standing = try client.send("status", of: OperatorProtocol.node)
            while true {
                let answer = try client.next()
                if answer.correlation == standing {
                    news.put(.watching(node: node))
                } else if answer.correlation == watching {
                    let body = try answer.checked()
                    news.put(.step(try PaymentStep(body.cursor, node: node)))
                }
            }
        } catch {
            news.put(.lost(node: node, why: "\(error)"))
        }
    }
}

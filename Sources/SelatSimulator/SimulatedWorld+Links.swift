import SelatNode
import SelatTime

/// Connections: dialled, written to, ended.
extension SimulatedWorld {
    mutating func dialPeers(of node: Int) {
        let name = names[node]
        for peer in nodes[node].peers where SimulatedNode.dials(peer, from: name) {
            if let number = numbers[peer] { scheduleDial(node, number) }
        }
        for other in nodes.indices
        where SimulatedNode.dials(name, from: names[other]) && nodes[other].peers.contains(name) {
            scheduleDial(other, node)
        }
    }

    private mutating func scheduleDial(_ node: Int, _ peer: Int) {
        guard nodes[node].isUp, !nodes[node].isDialling.contains(peer) else { return }
        nodes[node].isDialling.insert(peer)
        schedule(
            .dial(node: node, life: nodes[node].life, peer: peer),
            at: now + network.latency() + network.latency()
        )
    }

    mutating func dial(_ node: Int, _ life: Int, _ peer: Int) {
        guard nodes[node].life == life else { return }
        nodes[node].isDialling.remove(peer)
        let isConnected = network.connections(of: node).contains {
            network.peer(of: node, on: $0) == peer
        }
        // A listener that is down is dialled when it is back.
        guard !isConnected, nodes[peer].isUp else { return }
        guard network.isReachable(node, peer, at: now), nodes[peer].stuckUntil <= now else {
            nodes[node].isDialling.insert(peer)
            return schedule(
                .dial(node: node, life: life, peer: peer),
                at: now + .milliseconds(500 + Int64(delays.next() % 1500))
            )
        }
        connects += 1
        let connection = network.connect(node, peer, at: now)
        for (one, other) in [(node, peer), (peer, node)] {
            let at = nodes[one].local(now)
            nodes[one].machine?.connected(LinkID(names[other]), connection, at: at)
        }
        turn(node)
        turn(peer)
    }

    mutating func write(_ bytes: [UInt8], from node: Int, on connection: UInt64) {
        let peer = network.peer(of: node, on: connection)
        let bytes = saboteur.bytes(bytes)
        switch network.fate(from: node, on: connection, count: bytes.count, at: now, &deck) {
        case .lost: break
        case .arrives(let instant):
            schedule(.bytes(node: peer, connection: connection, bytes), at: instant)
        case .split(let first, let offset, let second):
            let head = Array(bytes[..<offset])
            let tail = Array(bytes[offset...])
            schedule(.bytes(node: peer, connection: connection, head), at: first)
            schedule(.bytes(node: peer, connection: connection, tail), at: second)
        case .cut(let instant):
            schedule(.bytes(node: peer, connection: connection, bytes), at: instant)
            schedule(.ended(node: node, connection: connection), at: instant)
            schedule(.ended(node: peer, connection: connection), at: instant)
        case .corrupted(let instant, let seed):
            var noise = SeededGenerator(seed: seed, stream: "noise")
            let garbage = (0..<64).map { _ in UInt8(truncatingIfNeeded: noise.next()) }
            schedule(.bytes(node: peer, connection: connection, garbage), at: instant)
            schedule(.ended(node: node, connection: connection), at: instant)
            schedule(.ended(node: peer, connection: connection), at: instant)
        }
    }

    mutating func hangUp(_ node: Int, _ connection: UInt64) {
        guard network.isUp(connection) else { return }
        // What is under way still arrives, the goodbye included; then both ends see the end.
        let peer = network.peer(of: node, on: connection)
        let last = network.lastArrival(on: connection, at: now)
        schedule(.ended(node: node, connection: connection), at: last)
        schedule(.ended(node: peer, connection: connection), at: last)
    }

    mutating func scheduleRedial(_ node: Int, _ peer: Int) {
        let (dialler, listener) =
            SimulatedNode.dials(names[peer], from: names[node]) ? (node, peer) : (peer, node)
        guard nodes[dialler].isUp, !nodes[dialler].isDialling.contains(listener) else {
            return
        }
        nodes[dialler].isDialling.insert(listener)
        schedule(
            .dial(node: dialler, life: nodes[dialler].life, peer: listener),
            at: now + .milliseconds(20) + network.latency()
        )
    }
}

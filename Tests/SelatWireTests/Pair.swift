import SelatTime
import SelatWire
import Testing

/// Two nodes on one link, their disks, and a network that loses the tail of what it carries.
///
/// Each node does what the owner of a session must: it commits a message together with its
/// position, acknowledges after the commit, keeps what it sent, and takes everything that is not on
/// its disk for lost when it crashes.
struct Pair {
    enum Step: Hashable, Sendable {
        case enqueue(Int)
        case ask(Int)
        case answer(Int)
        case bytes(to: Int, Int)
        case commit(Int, Int)
        case tick(Duration)
        case connect
        /// The transport breaks; so many bytes each way still arrive. Whoever is in `noticedBy`
        /// sees the end, the other only silence.
        case cut(keep: [Int], noticedBy: [Int])
        case crash(Int)
        case snapshot(Int)
        /// Back to the snapshot, under a new epoch, as `restore` does.
        case restore(Int)
    }

    struct Disk {
        var sent: SendPosition
        var received = ReceivePosition()
        /// Everything sent under the present epoch.
        var retained: [UInt64: Int] = [:]
        /// What this node has ever sent, and what messages have done here.
        var said: [Int] = []
        var effects: [Int] = []
        var receipts: Set<Int> = []
    }

    struct Node {
        var disk: Disk
        var snapshot: Disk
        var session: Session?
        var inbox: [(position: ReceivePosition, id: Int)] = []
        var accepted = ReceivePosition()
        var asked: Set<CallID> = []
        var toAnswer: [(call: CallID, payload: [UInt8])] = []
    }

    private(set) var nodes: [Node]
    /// What each node has written and the other not read.
    private var pipes: [[UInt8]] = [[], []]
    /// Whether the transport ends for the reader once the pipe is empty.
    private var ended = [true, true]
    private var isBroken = true
    private var now = begin
    private var connections: UInt64 = 0
    private var lastID = 0
    private var epochs: UInt64 = 0x100
    private(set) var failures: [String] = []
    private(set) var replays = 0

    static let names = [NodeName.system, NodeName.hub]

    init() {
        nodes = [0x10, 0x20].map { (epoch: UInt64) in
            let disk = Disk(sent: SendPosition(epoch: epoch, nextSequence: 1, acknowledged: 0))
            return Node(disk: disk, snapshot: disk)
        }
    }

    // MARK: Steps

    mutating func run(_ step: Step) {
        switch step {
        case .enqueue(let node): enqueue(node)
        case .ask(let node): ask(node)
        case .answer(let node): answer(node)
        case .bytes(let node, let count): deliver(to: node, count)
        case .commit(let node, let count): commit(node, count)
        case .tick(let time):
            now = now + time
            for node in 0...1 {
                perform(node, nodes[node].session?.tick(at: now) ?? [])
            }
        case .connect: connect()
        case .cut(let keep, let noticedBy):
            isBroken = true
            for node in 0...1 {
                pipes[node] = Array(pipes[node].prefix(keep[node]))
                ended[1 - node] = noticedBy.contains(node)
            }
        case .crash(let node): crash(node)
        case .snapshot(let node): nodes[node].snapshot = nodes[node].disk
        case .restore(let node):
            crash(node)
            nodes[node].disk = nodes[node].snapshot
            nodes[node].accepted = nodes[node].disk.received
            renumber(node)
        }
    }

    /// Connects and delivers until nothing is left to do.
    mutating func settle() {
        for _ in 0..<50 {
            if nodes.contains(where: { $0.session == nil }) || isBroken { connect() }
            for _ in 0..<40 {
                for node in 0...1 {
                    deliver(to: node, .max)
                    commit(node, .max)
                    while !nodes[node].toAnswer.isEmpty { answer(node) }
                }
            }
            if isSettled { return }
        }
        failures.append("the link did not settle")
    }

    private var isSettled: Bool {
        !isBroken && pipes.allSatisfy(\.isEmpty)
            && nodes.allSatisfy { node in
                node.session?.phase == .established && node.inbox.isEmpty && node.asked.isEmpty
                    && node.disk.sent.acknowledged + 1 == node.disk.sent.nextSequence
            }
    }

    private mutating func connect() {
        for node in 0...1 {
            perform(node, nodes[node].session?.leave(.replaced) ?? [])
        }
        pipes = [[], []]
        ended = [false, false]
        isBroken = false
        for node in 0...1 {
            connections += 1
            let (session, actions) = Session.connected(
                Session.Start(
                    node: Self.names[node],
                    peer: Self.names[1 - node],
                    connection: connections,
                    sent: nodes[node].disk.sent,
                    received: nodes[node].disk.received
                ),
                at: now,
                limits: .small
            )
            nodes[node].session = session
            perform(node, actions)
        }
    }

    private mutating func crash(_ node: Int) {
        nodes[node].session = nil
        nodes[node].inbox = []
        nodes[node].accepted = nodes[node].disk.received
        nodes[node].asked = []
        nodes[node].toAnswer = []
        isBroken = true
        ended[node] = true
        pipes[1 - node] = []
    }

    private mutating func enqueue(_ node: Int) {
        lastID += 1
        let sequence = nodes[node].disk.sent.nextSequence
        nodes[node].disk.retained[sequence] = lastID
        nodes[node].disk.said.append(lastID)
        nodes[node].disk.sent.nextSequence += 1
        pump(node)
    }

    private mutating func ask(_ node: Int) {
        let outcome = nodes[node].session?.ask(at: now)
        guard case .sent(let call, let actions) = outcome else { return }
        nodes[node].asked.insert(call)
        perform(node, actions)
    }

    private mutating func answer(_ node: Int) {
        guard !nodes[node].toAnswer.isEmpty else { return }
        let (call, payload) = nodes[node].toAnswer.removeFirst()
        let actions = nodes[node].session?.respond(to: call, status: 200, payload: payload)
        perform(node, actions ?? [])
    }

    private mutating func deliver(to node: Int, _ count: Int) {
        let bytes = Array(pipes[1 - node].prefix(count))
        pipes[1 - node].removeFirst(bytes.count)
        if !bytes.isEmpty {
            perform(node, nodes[node].session?.received(bytes, at: now) ?? [])
        }
        if pipes[1 - node].isEmpty, ended[1 - node], nodes[node].session != nil {
            perform(node, nodes[node].session?.disconnected() ?? [])
        }
    }

    /// Position and effect together; the acknowledgement after.
    private mutating func commit(_ node: Int, _ count: Int) {
        let batch = nodes[node].inbox.prefix(count)
        guard !batch.isEmpty else { return }
        nodes[node].inbox.removeFirst(batch.count)
        for (position, id) in batch {
            let before = nodes[node].disk.received
            let next = position.epoch == before.epoch ? before.sequence + 1 : 1
            if position.sequence != next {
                failures.append("\(position) committed after \(before)")
            }
            nodes[node].disk.received = position
            if nodes[node].disk.receipts.insert(id).inserted {
                nodes[node].disk.effects.append(id)
            }
        }
        let position = nodes[node].disk.received
        let actions = nodes[node].session?.acknowledge(
            epoch: position.epoch,
            upTo: position.sequence,
            at: now
        )
        perform(node, actions ?? [])
    }

    // MARK: The owner's part

    private mutating func perform(_ node: Int, _ actions: [SessionAction]) {
        for action in actions {
            switch action {
            case .write(let bytes): if !isBroken { pipes[node] += bytes }
            case .established: pump(node)
            case .acknowledged(let epoch, let through):
                if epoch == nodes[node].disk.sent.epoch {
                    let known = nodes[node].disk.sent.acknowledged
                    nodes[node].disk.sent.acknowledged = max(known, through)
                }
                pump(node)
            case .deliver(let epoch, let message): take(node, epoch, message)
            case .deliverRequest(let call, let request):
                nodes[node].toAnswer.append((call, request.payload))
            case .deliverResponse(let call, _), .requestFailed(let call, _):
                if nodes[node].asked.remove(call) == nil { failures.append("\(call) ended twice") }
            case .peerRestored: replays += 1
            case .peerRenumbered: break
            case .renumber: renumber(node)
            case .close:
                ended[node] = true
                if nodes[node].session?.disconnected() != [] { failures.append("closed twice") }
                nodes[node].session = nil
                pipes[1 - node] = []
                if !nodes[node].asked.isEmpty { failures.append("a request was forgotten") }
            }
        }
    }

    /// As a node's core does: what an earlier connection brought and waits is not taken again.
    private mutating func take(_ node: Int, _ epoch: UInt64, _ message: MessageFrame) {
        let accepted = nodes[node].accepted
        if epoch == accepted.epoch, message.sequence <= accepted.sequence { return }
        let position = ReceivePosition(epoch: epoch, sequence: message.sequence)
        nodes[node].accepted = position
        let id = Int(String(decoding: message.payload, as: UTF8.self)) ?? 0
        nodes[node].inbox.append((position, id))
    }

    private mutating func pump(_ node: Int) {
        guard let wanted = nodes[node].session?.sendable else { return }
        let end = min(wanted.upperBound, nodes[node].disk.sent.nextSequence)
        guard wanted.lowerBound < end else { return }
        let messages = (wanted.lowerBound..<end).map { sequence in
            SessionSamples.message(sequence, "\(nodes[node].disk.retained[sequence] ?? 0)")
        }
        perform(node, nodes[node].session?.send(messages) ?? [])
    }

    private mutating func renumber(_ node: Int) {
        epochs += 1
        let old = nodes[node].disk
        let undelivered = old.retained.keys.sorted().filter { $0 > old.sent.acknowledged }
        nodes[node].disk.retained = [:]
        for (index, sequence) in undelivered.enumerated() {
            nodes[node].disk.retained[UInt64(index + 1)] = old.retained[sequence]
        }
        nodes[node].disk.sent = SendPosition(
            epoch: epochs,
            nextSequence: UInt64(undelivered.count + 1),
            acknowledged: 0
        )
    }
}

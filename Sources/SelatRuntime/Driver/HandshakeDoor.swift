package import SelatTime

/// Who may begin to prove itself on a listener. Connections without proof are what anybody can
/// open, so they are few, young, and no more of one address than it needs; where there are too
/// many, the oldest gives way: a peer that can prove itself takes milliseconds.
package struct HandshakeDoor {
    /// Names one pending connection.
    package typealias Ticket = UInt64

    /// What becomes of a new connection.
    package enum Answer: Hashable {
        case admitted(Ticket)
        /// Another has to be closed for it.
        case admittedInsteadOf(Ticket, Ticket)
        case refused
    }

    /// Pending connections of one node.
    package static let pending = 256
    /// Pending connections of one address.
    package static let pendingOfAddress = 64
    /// New connections a second of one address.
    package static let newPerSecond: Int64 = 50
    /// The same, at once.
    package static let newAtOnce: Int64 = 64
    /// Addresses whose pace is kept in mind.
    package static let addresses = 4096

    private static let pace: Pace = {
        let interval = Duration.nanoseconds(1_000_000_000 / newPerSecond)
        return Pace(interval: interval, burst: interval * (newAtOnce - 1))
    }()

    private struct Caller {
        var pending = 0
        var pace = HandshakeDoor.pace
    }

    /// In the order in which they came.
    private var waiting: [(ticket: Ticket, address: String)] = []
    private var callers: [String: Caller] = [:]
    private var last: Ticket = 0

    /// Nobody has come yet.
    package init() {}

    /// Connections that have proved nothing yet.
    package var count: Int { waiting.count }

    /// Addresses that are kept in mind.
    package var known: Int { callers.count }

    /// Somebody has connected.
    ///
    /// - Parameters:
    ///   - address: From where, without the port.
    ///   - now: When.
    /// - Returns: Whether it may go on, and who has to leave for it.
    package mutating func knock(from address: String, at now: Instant) -> Answer {
        if callers[address] == nil, callers.count >= HandshakeDoor.addresses {
            forget(at: now)
            guard callers.count < HandshakeDoor.addresses else { return .refused }
        }
        var caller = callers[address] ?? Caller()
        guard caller.pace.admits(at: now) else { return .refused }
        var loser: Ticket?
        if caller.pending >= HandshakeDoor.pendingOfAddress {
            loser = waiting.first { $0.address == address }?.ticket
        } else if waiting.count >= HandshakeDoor.pending {
            loser = waiting.first?.ticket
        }
        caller.pending += 1
        callers[address] = caller
        if let loser { left(loser) }
        last += 1
        waiting.append((last, address))
        return loser.map { .admittedInsteadOf($0, last) } ?? .admitted(last)
    }

    /// It has proved itself, or is gone.
    ///
    /// - Parameter ticket: What it was given; one that is not known any more does no harm.
    package mutating func left(_ ticket: Ticket) {
        guard let index = waiting.firstIndex(where: { $0.ticket == ticket }) else { return }
        let address = waiting.remove(at: index).address
        callers[address]?.pending -= 1
    }

    /// Of an address that has nothing pending and keeps to the pace nothing need be known.
    private mutating func forget(at now: Instant) {
        callers = callers.filter { $0.value.pending > 0 || $0.value.pace.next > now }
    }
}

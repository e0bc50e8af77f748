import SelatNode
import SelatScheme
import SelatTime

/// What a node has done since it started, for `status`.
struct NodeCounters: Hashable, Sendable {
    private(set) var commits = 0
    private(set) var conflicts = 0
    private(set) var messagesReceived = 0
    private(set) var messagesSent = 0
    private(set) var paymentChanges = 0
    private(set) var alerts = 0
    private(set) var operatorRequests = 0
    private(set) var refusedHandshakes = 0
    /// Connections closed before they had proved anything, because there were too many.
    private(set) var turnedAway = 0
    /// Connections whose peer did not read.
    private(set) var cutConnections = 0

    mutating func note(_ batch: CommitBatch, _ outcome: CommitOutcome) {
        switch outcome {
        case .committed:
            commits += 1
            messagesReceived += batch.received.count
            messagesSent += batch.sent.count
            paymentChanges += batch.history.count
            alerts += batch.alerts.count
        case .conflict: conflicts += 1
        case .failed, .unknown: break
        }
    }

    mutating func noteOperatorRequest() { operatorRequests += 1 }

    mutating func noteRefusedHandshake() { refusedHandshakes += 1 }

    mutating func noteTurnedAway() { turnedAway += 1 }

    mutating func noteCutConnection() { cutConnections += 1 }
}

/// The payments whose timer is armed, that is, whose outcome is open here, and since when.
struct OpenPayments: Sendable {
    private var since: [PaymentKey: Instant] = [:]

    /// Those found in the store count from the start at the latest.
    init(_ timers: [ArmedTimer], at start: Instant) {
        for timer in timers {
            since[PaymentKey(instance: timer.instance, uetr: timer.uetr)] = min(timer.due, start)
        }
    }

    mutating func note(_ batch: CommitBatch) {
        // Looked at where they stand: a write is wide.
        for index in batch.payments.indices {
            let key = PaymentKey(
                instance: batch.payments[index].instance,
                uetr: batch.payments[index].uetr
            )
            if batch.payments[index].row.due == nil {
                since[key] = nil
            } else if since[key] == nil {
                since[key] = batch.at
            }
        }
    }

    var count: Int { since.count }

    /// How long the oldest is open; `nil` when none is.
    func oldestAge(at now: Instant) -> Duration? {
        since.values.min().map { now - $0 }
    }
}

import SelatNode
import SelatScheme
import SelatStorage
import SelatTime

/// Reads what a starting node needs, in one snapshot.
struct Recovery {
    private let connection: SQLiteConnection

    init(_ connection: SQLiteConnection) { self.connection = connection }

    func read() throws(SQLiteError) -> Recovered {
        try connection.snapshot { () throws(SQLiteError) in
            let greatest = try connection.integer("SELECT greatest FROM clock WHERE id = 1")
            return Recovered(
                greatestInstant: Instant(nanoseconds: greatest ?? 0),
                links: try links(),
                undelivered: try undelivered(),
                timers: try timers()
            )
        }
    }

    func links() throws(SQLiteError) -> [LinkPosition] {
        let statement = try Statement(
            connection,
            """
            SELECT node, send_epoch, next_sequence, acknowledged, received_epoch, received_sequence
            FROM link ORDER BY node
            """
        )
        var links: [LinkPosition] = []
        while try statement.step() {
            links.append(
                LinkPosition(
                    link: LinkID(statement.text(0)),
                    sendEpoch: statement.bits(1),
                    nextSequence: statement.bits(2),
                    acknowledged: statement.bits(3),
                    receivedEpoch: statement.bits(4),
                    receivedSequence: statement.bits(5)
                )
            )
        }
        return links
    }

    private func undelivered() throws(SQLiteError) -> [RetainedMessage] {
        let statement = try Statement(
            connection,
            """
            SELECT link.node, epoch, sequence, kind, sender.name, receiver.name, at, uetr, bytes
            FROM link
            JOIN message ON message.link = link.id AND direction = 'out'
                AND epoch = send_epoch AND sequence > acknowledged
            JOIN party AS sender ON sender.id = message.sender
            JOIN party AS receiver ON receiver.id = message.receiver
            ORDER BY link.node, sequence
            """
        )
        var messages: [RetainedMessage] = []
        while try statement.step() {
            messages.append(
                RetainedMessage(
                    link: LinkID(statement.text(0)),
                    epoch: statement.bits(1),
                    sequence: statement.bits(2),
                    kind: UInt8(truncatingIfNeeded: statement.integer(3)),
                    from: PartyID(checked: statement.text(4)),
                    to: PartyID(checked: statement.text(5)),
                    at: Instant(nanoseconds: statement.integer(6)),
                    uetr: try statement.optionalUUID(7),
                    bytes: statement.bytes(8)
                )
            )
        }
        return messages
    }

    private func timers() throws(SQLiteError) -> [ArmedTimer] {
        let statement = try Statement(
            connection,
            """
            SELECT due, party.name, uetr, version FROM payment
            JOIN party ON party.id = payment.instance
            WHERE due IS NOT NULL
            """
        )
        var timers: [ArmedTimer] = []
        while try statement.step() {
            timers.append(
                ArmedTimer(
                    due: Instant(nanoseconds: statement.integer(0)),
                    instance: PartyID(checked: statement.text(1)),
                    uetr: try statement.uuid(2),
                    version: statement.integer(3)
                )
            )
        }
        return timers.sorted(by: ArmedTimer.isEarlier)
    }
}

import SelatNode
import SelatScheme
import SelatStorage
import SelatTime

/// Makes the state again: what the tables hold, and on top of it the batches logged since.
struct Recovery {
    private let connection: SQLiteConnection
    private let tables: Tables

    init(_ connection: SQLiteConnection, _ tables: Tables) {
        self.connection = connection
        self.tables = tables
    }

    /// The state after the last batch of the log.
    func state() throws(SQLiteError) -> LiveState {
        var state = LiveState(tables, try stored())
        let statement = try Statement(
            connection,
            "SELECT id, size, check_sum, content FROM batch WHERE id > ? ORDER BY id"
        )
        statement.bind(state.lastBatch)
        while try statement.step() {
            let number = statement.integer(0)
            guard number == state.lastBatch + 1 else {
                throw .corrupt("batch \(state.lastBatch + 1) is missing", doing: "replay the log")
            }
            let logged = try statement.loggedBatch()
            do throws(StoreError) {
                try state.replay(logged, number: number)
            } catch {
                throw .corrupt("\(error)", doing: "replay the log")
            }
        }
        return state
    }

    private func stored() throws(SQLiteError) -> LiveState.Stored {
        var stored = LiveState.Stored()
        let folded = try Statement(
            connection,
            "SELECT batch, greatest, next_message, next_journal, next_step FROM folded"
        )
        guard try folded.step() else {
            throw .corrupt("it does not say how far it is folded", doing: "read folded")
        }
        stored.lastBatch = folded.integer(0)
        stored.greatestInstant = Instant(nanoseconds: folded.integer(1))
        stored.numbers.message = folded.integer(2)
        stored.numbers.journal = folded.integer(3)
        stored.numbers.step = folded.integer(4)
        stored.links = try links()
        stored.undelivered = try undelivered()
        let lastDossier = try connection.integer("SELECT max(id) FROM dossier") ?? 0
        stored.nextDossier = max(lastDossier, tables.archives.lastDossier) + 1
        let lastRecord = try connection.integer("SELECT max(id) FROM record") ?? 0
        stored.nextRecord = max(lastRecord, tables.archives.lastRecord) + 1
        return stored
    }

    private func links() throws(SQLiteError) -> [LinkPosition] {
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

    private func undelivered() throws(SQLiteError) -> [LinkID: [LiveState.Undelivered]] {
        let statement = try Statement(
            connection,
            "SELECT node, epoch, sequence, batch, place FROM undelivered ORDER BY node, sequence"
        )
        var undelivered: [LinkID: [LiveState.Undelivered]] = [:]
        while try statement.step() {
            let message = LiveState.Undelivered(
                epoch: statement.bits(1),
                sequence: statement.bits(2),
                place: Dossier.MessagePlace(
                    batch: statement.integer(3),
                    index: Int(statement.integer(4))
                )
            )
            undelivered[LinkID(statement.text(0)), default: []].append(message)
        }
        return undelivered
    }

    // MARK: For the core

    /// What a starting node needs of the state.
    func recovered(_ state: borrowing LiveState) throws(SQLiteError) -> Recovered {
        Recovered(
            greatestInstant: state.greatestInstant,
            links: state.links.values.sorted { $0.link < $1.link },
            undelivered: try messages(state),
            timers: try timers(state)
        )
    }

    /// By link and sequence. A batch that holds many of them is read once.
    private func messages(_ state: borrowing LiveState) throws(SQLiteError) -> [RetainedMessage] {
        var messages: [RetainedMessage] = []
        var last: (number: Int64, batch: LoggedBatch)?
        let undelivered = state.undeliveredMessages
        for link in undelivered.keys.sorted() {
            for message in undelivered[link] ?? [] {
                let logged: LoggedBatch
                if let last, last.number == message.place.batch {
                    logged = last.batch
                } else {
                    logged = try tables.batch(message.place.batch)
                    last = (message.place.batch, logged)
                }
                let index = message.place.index - logged.batch.received.count
                guard logged.batch.sent.indices.contains(index) else {
                    throw .corrupt(
                        "batch \(message.place.batch) has no message \(message.place.index)",
                        doing: "read undelivered messages"
                    )
                }
                messages.append(logged.batch.sent[index])
            }
        }
        return messages
    }

    private func timers(_ state: borrowing LiveState) throws(SQLiteError) -> [ArmedTimer] {
        var timers: [ArmedTimer] = []
        func note(_ dossier: Dossier) {
            for (instance, row) in dossier.rows {
                guard let due = row.due else { continue }
                timers.append(
                    ArmedTimer(
                        due: due,
                        instance: instance,
                        uetr: dossier.uetr,
                        version: row.version
                    )
                )
            }
        }
        for dossier in state.openDossiers { note(dossier) }
        let statement = try Statement(
            connection,
            "SELECT id, as_of, content FROM dossier WHERE due IS NOT NULL"
        )
        while try statement.step() {
            let dossier = try statement.dossier()
            if !state.isNewer(than: dossier) { note(dossier) }
        }
        return timers.sorted(by: ArmedTimer.isEarlier)
    }
}

import SelatLedger
import SelatNode

/// The journals of a dossier: found, compared and kept as the bytes of its row.
extension Dossier {
    /// A journal as it stands in a scratch writer.
    struct WrittenJournal {
        fileprivate let key: Range<Int>
        fileprivate let content: Range<Int>
        /// The journal that it closes, when there is one under that number.
        fileprivate let closed: DossierStory.Place?
        /// It posts or voids the very transfers that are reserved and not closed.
        let agrees: Bool
    }

    /// Writes the journal at `place` to `scratch`, and looks for the one that it closes.
    func write(
        _ journals: Span<JournalWrite>,
        _ place: Int,
        _ scratch: inout BatchWriter
    ) -> WrittenJournal {
        scratch.removeAll()
        scratch.write(journals[place].journal.book.name)
        scratch.write(Int64(journals[place].journal.number))
        let key = 0..<scratch.count
        let action = journals[place].journal.action
        scratch.write(action.name)
        let start = scratch.count
        scratch.write(journals[place].journal.transfers)
        let end = scratch.count
        guard let number = action.closes else {
            return WrittenJournal(key: key, content: 0..<end, closed: nil, agrees: false)
        }
        scratch.write(journals[place].journal.book.name)
        scratch.write(Int64(number))
        let closedKey = end..<scratch.count
        scratch.write(Journal.Action.pending.name)
        let reservation = end..<scratch.count
        let endsReservation =
            switch action {
            case .post, .void: true
            case .pending, .direct, .reverse: false
            }
        return unsafe scratch.withBytes { bytes in
            let closed = unsafe story.journal(under: bytes.piece(closedKey))
            let agrees = closed.map { closed in
                unsafe endsReservation && !story.isClosed(closed)
                    && story.holds(closed, bytes.piece(reservation), bytes.piece(start..<end))
            }
            return WrittenJournal(
                key: key,
                content: 0..<end,
                closed: closed,
                agrees: agrees ?? false
            )
        }
    }

    /// Why a journal may not end the one that it names; `nil` when it may. Law I1.
    func fault(_ journal: Journal, _ written: WrittenJournal) -> String? {
        journal.fault(closing: written.closed.map { named(at: $0) })
    }

    private func named(at place: DossierStory.Place) -> NamedJournal {
        var reader = BatchReader(story.content(place))
        do throws(BatchError) {
            let journal = try reader.dossierJournal()
            return NamedJournal(
                sequence: Int64(journal.number),
                action: journal.action,
                transfers: journal.transfers,
                isClosed: story.isClosed(place)
            )
        } catch {
            preconditionFailure("a dossier holds only journals that were written or read: \(error)")
        }
    }

    /// Books what was written; false, and nothing, when its number is taken.
    func book(_ written: WrittenJournal, _ scratch: borrowing BatchWriter) -> Bool {
        unsafe scratch.withBytes { bytes in
            unsafe story.book(
                bytes.piece(written.content),
                under: bytes.piece(written.key),
                closing: written.closed
            )
        }
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func piece(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: self[range])
    }
}

extension BatchReader {
    /// A journal as a dossier's row has it, without its mark.
    mutating func dossierJournal()
        throws(BatchError) -> (number: Int, action: String, transfers: [Transfer])
    {
        _ = try text()
        return (
            number: Int(truncatingIfNeeded: try integer()),
            action: try text(),
            transfers: try transfers()
        )
    }
}

package import SelatLedger
package import SelatNode
package import SelatScheme
package import SelatTime

/// The sentences every driver refuses a batch with, so that one test suite can read them.
package enum StorageSentence {
    /// A balance or a transfer names an account that was never opened.
    package static func unknownAccount(_ key: AccountKey) -> String {
        "account \(key.redacted) does not exist; open it before booking on it"
    }

    /// A sum left 0 ... 2^63 - 1.
    package static func balanceOutOfRange(_ key: AccountKey) -> String {
        "a sum of account \(key.redacted) would leave its range"
    }

    /// (book, subject, number) is taken.
    package static func journalExists(_ journal: Journal) -> String {
        "journal \(journal.place) exists already; nothing is booked twice"
    }

    /// A message was numbered on a link whose position is unknown.
    package static func unknownLink(_ link: LinkID) -> String {
        "link \(link) has no position; write it with its first message"
    }

    /// (link, direction, epoch, sequence) is taken.
    package static func messageExists(_ message: RetainedMessage) -> String {
        "message \(message.sequence) of link \(message.link) exists already in its epoch"
    }

    /// A payment is booked by the instance that holds it.
    package static func unknownPayment(of journal: Journal) -> String {
        "journal \(journal.place) books a payment that its instance does not have"
    }

    /// History was written for a payment that is not there.
    package static func unknownPayment(_ instance: PartyID, _ uetr: UUIDv4) -> String {
        "history names payment \(uetr) of \(instance), which does not exist"
    }

    /// An instruction's index points outside the batch.
    package static let noSuchMessage = "a payment's instruction names no message of its batch"

    /// After an error of the disk, and a commit of unknown outcome, nothing more is accepted.
    package static func refused(_ why: String) -> String {
        "the store stopped (\(why)); open it again"
    }
}

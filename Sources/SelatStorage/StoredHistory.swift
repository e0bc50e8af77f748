package import SelatNode

/// All that a node's store holds at one moment, as an audit of any size goes through it: once from
/// the beginning to the end, a stretch at a time, and then share by share.
package protocol StoredHistory: Sendable {
    /// Why a store cannot be read.
    associatedtype Failure: Error

    /// What was written next after a place in the log, and where that ends; `nil` at the end of
    /// the log. Accounts as they were opened, journals, alerts and messages in their order.
    ///
    /// Asked for from 0 on, in order, and once; deals out to shares what it passes.
    func stretch(
        after place: Int64,
        _ shares: Shares
    ) throws(Failure) -> (dump: NodeDump, last: Int64)?

    /// Accounts and links as they stand at the end of the log.
    func standing() throws(Failure) -> NodeDump

    /// What is in a share, once the whole log was gone through.
    func part(_ share: Share) throws(Failure) -> HistoryPart

    /// The records under those keys, as far as there are any.
    func records(_ keys: [RecordKey]) throws(Failure) -> [StoredRecord]
}

/// What a node holds of a share.
package struct HistoryPart: Sendable {
    /// The share's payments with all that names them: rows, journals, steps and messages.
    package let dump: NodeDump
    /// Messages whose places on the links are in the share, whatever they are about.
    package let crossings: [StoredMessage]

    package init(dump: NodeDump, crossings: [StoredMessage]) {
        self.dump = dump
        self.crossings = crossings
    }
}

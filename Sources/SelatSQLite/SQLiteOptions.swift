/// How a database is opened; the defaults are right for a node.
package struct SQLiteOptions: Hashable, Sendable {
    /// When the whole file is checked before it is used. Cell sizes are always checked on access.
    package enum IntegrityCheck: Hashable, Sendable {
        /// When the last process did not close it: its log is still there.
        case afterUncleanEnd
        case always
        case never
    }

    package var integrityCheck = IntegrityCheck.afterUncleanEnd
    /// Pages of 4096 bytes that the log may get before it is copied back: 16 MB.
    package var checkpointPages: Int32 = 4096
    /// Pages of 4096 bytes that the whole database may have; `nil` for SQLite's own limit.
    package var pageLimit: Int?
    /// Payments, receipts, records and accounts kept in memory, each, per generation of two.
    package var cachedRows = 16_384
    /// Decoded instructions kept in memory, per generation of two; about 4 KB each.
    package var cachedInstructions = 4096

    package init() {}
}

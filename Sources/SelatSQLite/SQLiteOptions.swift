/// How a database is opened; the defaults are right for a node.
package struct SQLiteOptions: Hashable, Sendable {
    /// Pages of 4096 bytes that the log may get before it is copied back: 16 MB.
    package var checkpointPages: Int32 = 4096
    /// Pages of 4096 bytes that the whole database may have; `nil` for SQLite's own limit.
    package var pageLimit: Int?
    /// Changed rows at which a generation is complete and goes to the tables: about 1 KB of
    /// memory each, and as many are there twice while it goes.
    package var generationRows = 32_768
    /// Batches at which it is complete however few rows it has: what a start has to replay.
    package var generationBatches = 4096
    /// Keys that one era of the index holds: about 20 MB of pages, and a filter of 2 MB in memory.
    package var eraKeys = 1 << 20
    /// Keys and rows that one commit writes to the tables at least, while a generation goes there.
    package var foldedRows = 64
    /// Rows of an archive that one commit deletes from the tables, while nothing is folded.
    package var clearedRows = 512

    package init() {}
}

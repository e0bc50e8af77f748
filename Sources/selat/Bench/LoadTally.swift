import SelatRuntime

/// What one source has counted in its window.
struct LoadTally: Hashable, Sendable {
    /// Payments that became final and completed within the window.
    var completed = 0
    /// The same by corridor.
    var completedByCorridor: [LoadPlan.Corridor: Int] = [:]
    /// From due to durably final at the debtor agent, of the payments due within the window.
    var latencies = LatencyHistogram()
    /// By sentence; of the payments due within the window.
    var errors: [String: Int] = [:]
    var quoteRequests = 0
    /// Quote requests that were turned away, and asked again.
    var refusedQuotes = 0
    /// By answer: payments of customers who were told to come again.
    var shed: [String: Int] = [:]
    /// Completions are counted no longer.
    var isClosed = false

    /// What several sources have counted.
    static func += (sum: inout LoadTally, other: LoadTally) {
        sum.completed += other.completed
        sum.completedByCorridor.merge(other.completedByCorridor, uniquingKeysWith: +)
        sum.latencies += other.latencies
        sum.errors.merge(other.errors, uniquingKeysWith: +)
        sum.quoteRequests += other.quoteRequests
        sum.refusedQuotes += other.refusedQuotes
        sum.shed.merge(other.shed, uniquingKeysWith: +)
        sum.isClosed = sum.isClosed || other.isClosed
    }
}

/// Every duration of the scheme that a configuration may set, with Selat's own defaults.
/// Source: Specs/Rulebook/Timeouts.md (no number is published by the scheme).
public struct SchemeTimes: Hashable, Sendable {
    /// S-IPS waits for the S-SAP.
    public var sourceAccessProviderAnswer: Duration = .seconds(3)
    /// First enquiry; doubles up to `enquiryLimit`.
    public var enquiry: Duration = .seconds(20)
    public var enquiryLimit: Duration = .seconds(600)
    /// D-IPS waits for the D-SAP.
    public var destinationAccessProviderAnswer: Duration = .seconds(3)
    /// D-IPS (5-step) waits for the D-PSP.
    public var creditorAgentAnswer: Duration = .seconds(5)
    /// D-IPS (4-step) asks the D-PSP again; doubles up to `enquiryLimit`.
    public var creditorAgentEnquiry: Duration = .seconds(5)
    /// D-IPS (5-step) repeats its answer until the hub confirms; doubles up to `enquiryLimit`.
    public var confirmation: Duration = .seconds(5)
    /// Maximum execution times.
    public var sourceExecution: Duration = .seconds(5)
    public var hubExecution: Duration = .seconds(2)
    public var destinationExecution: Duration = .seconds(10)
    /// A first copy of a NORM payment accepted longer ago than this is refused (TM01).
    public var normalAge: Duration = .seconds(600)
    /// Acceptance this far in the future is refused (TM01).
    public var clockTolerance: Duration = .seconds(5)

    public init() {}

    /// A first copy of a HIGH payment accepted longer ago than this is refused.
    public var highAge: Duration { sourceExecution + hubExecution + destinationExecution }

    /// The destination's own rejection must always come before the hub's; otherwise the sentence
    /// says what to change.
    public var conflict: String? {
        guard destinationAccessProviderAnswer + creditorAgentAnswer >= destinationExecution else {
            return nil
        }
        return "destinationAccessProviderAnswer (\(destinationAccessProviderAnswer)) + "
            + "creditorAgentAnswer (\(creditorAgentAnswer)) must be less than destinationExecution "
            + "(\(destinationExecution)); shorten the answers or lengthen the execution time"
    }

    /// The wait before enquiry number `attempt` (0 the first), doubling up to the limit.
    public func backoff(_ first: Duration, attempt: Int) -> Duration {
        var wait = first
        for _ in 0..<min(attempt, 16) where wait < enquiryLimit { wait *= 2 }
        return min(wait, enquiryLimit)
    }
}

package import SelatJSON
package import SelatTime

/// The document of `selat pay`. Source: Specs/Protocol/CommandLine.md.
package struct PaymentDocument: Hashable, Sendable {
    package var uetr: UUIDv4
    /// What was disclosed, or as much as is known of it.
    package var disclosed: [JSONMember]
    /// `ACCC`, `BLCK`, `RJCT`; `nil` while the outcome is unknown.
    package var status: String?
    package var reason: String?
    /// Why it was refused, or why the outcome is unknown.
    package var error: String?
    package var steps: [JSONValue] = []
    package var movements: Movements?

    /// - Parameters:
    ///   - uetr: The payment.
    ///   - disclosed: What was disclosed.
    package init(uetr: UUIDv4, disclosed: [JSONMember]) {
        self.uetr = uetr
        self.disclosed = disclosed
    }

    /// All but the schema.
    package var members: [JSONMember] {
        disclosed + [
            JSONMember("uetr", .string(uetr.description)),
            JSONMember("status", status.map { .string($0) } ?? .null),
            JSONMember("reason", reason.map { .string($0) } ?? .null),
            JSONMember("error", error.map { .string($0) } ?? .null),
            JSONMember("steps", .array(steps)),
            JSONMember("movements", movements?.json ?? []),
        ]
    }
}

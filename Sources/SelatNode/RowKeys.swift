package import SelatScheme
package import SelatTime

/// Names one payment of one instance.
package struct PaymentKey: WordHashable, Sendable {
    package let instance: PartyID
    package let uetr: UUIDv4

    package init(instance: PartyID, uetr: UUIDv4) {
        self.instance = instance
        self.uetr = uetr
    }

    package func feed(_ hasher: inout WordHasher) {
        instance.feed(&hasher)
        uetr.feed(&hasher)
    }
}

/// Names one record of one instance.
package struct RecordKey: WordHashable, Sendable {
    package let instance: PartyID
    package let kind: RecordKind
    package let key: String

    package init(instance: PartyID, kind: RecordKind, key: String) {
        self.instance = instance
        self.kind = kind
        self.key = key
    }

    package func feed(_ hasher: inout WordHasher) {
        instance.feed(&hasher)
        kind.feed(&hasher)
        hasher.combine(key)
    }
}

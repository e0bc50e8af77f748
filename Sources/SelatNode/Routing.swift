package import SelatScheme

/// Which node reaches a party, and for whom each node may speak. Fixed by the topology.
package struct Routing: Hashable, Sendable {
    /// The link that leads to a party hosted elsewhere.
    package let links: [PartyID: LinkID]
    /// The parties whose messages may come over a link; no name inside a message outranks it.
    package let speakers: [LinkID: Set<PartyID>]
    /// Messages and requests a second that a link is listened to; a link that is not here may say
    /// as much as it likes.
    package let rates: [LinkID: Int]

    package init(
        links: [PartyID: LinkID],
        speakers: [LinkID: Set<PartyID>],
        rates: [LinkID: Int] = [:]
    ) {
        self.links = links
        self.speakers = speakers
        self.rates = rates
    }

    package func maySpeak(_ link: LinkID, for party: PartyID) -> Bool {
        speakers[link]?.contains(party) ?? false
    }
}

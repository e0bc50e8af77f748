import SelatMoney
import SelatNode
import SelatScheme
import SelatTime

/// A provider's standing offer for one corridor, as the hub keeps it. A new one replaces the
/// old at once, a withdrawal leaves an offer without a rate.
struct StandingRate: Hashable, Sendable {
    let id: UUIDv4
    let received: Instant
    /// `nil` when withdrawn.
    let rate: ExchangeRate?

    /// Rates are kept per provider and direction; the reverse corridor is another one.
    static func key(_ provider: PartyID, source: String, destination: String) -> String {
        "\(provider)/\(source)/\(destination)"
    }

    static func key(_ provider: PartyID, _ announcement: RateAnnouncement) -> String {
        key(
            provider,
            source: announcement.sourceCountry,
            destination: announcement.destinationCountry
        )
    }
}

extension StandingRate {
    private static let layout: UInt8 = 1

    var record: [UInt8] {
        RecordWriter.record(layout: StandingRate.layout) { writer in
            writer.write(id)
            writer.write(received)
            writer.write(rate != nil)
            if let rate { writer.write(rate.decimal) }
        }
    }

    init(stored bytes: [UInt8]) {
        do throws(RecordError) {
            var reader = try RecordReader(bytes, layout: StandingRate.layout)
            id = try reader.uuid()
            received = try reader.instant()
            rate = try reader.flag() ? ExchangeRate(try reader.decimal()) : nil
        } catch {
            preconditionFailure("a rate cannot be read: \(error)")
        }
    }
}

/// Rates are pushed by their provider and by nobody else. Rulebook: FX rates.
extension Hub {
    func receive(
        _ announcement: RateAnnouncement,
        from sender: PartyID,
        event: Event,
        facts: Facts
    ) -> Decision {
        guard let provider = reference.provider(sender) else {
            return .alert(.security, nil, "\(sender) announced a rate and is no FX provider")
        }
        if let objection = objection(to: announcement, provider) {
            return .alert(.notice, nil, "rate of \(sender) ignored: \(objection)")
        }
        let key = StandingRate.key(sender, announcement)
        let row = facts.record(event.instance, .rate, key)
        let standing = StandingRate(
            id: announcement.id,
            received: event.at,
            rate: announcement.rate
        )
        if let row {
            let known = StandingRate(stored: row.content)
            if known.id == standing.id, known.rate == standing.rate { return .nothing }
        }
        var decision = Decision()
        decision.records.append(
            RecordChange(
                kind: .rate,
                key: key,
                expectedVersion: row?.version ?? 0,
                content: standing.record
            )
        )
        return decision
    }

    private func objection(
        to announcement: RateAnnouncement,
        _ provider: RegisteredProvider
    ) -> String? {
        let corridor = "\(announcement.sourceCountry) to \(announcement.destinationCountry)"
        guard let source = reference.country(announcement.sourceCountry),
            let destination = reference.country(announcement.destinationCountry)
        else { return "no corridor \(corridor)" }
        guard source.code != destination.code, source.currency != destination.currency else {
            return "\(corridor) has one currency; the network converts"
        }
        guard provider.accounts[source.code] != nil, provider.accounts[destination.code] != nil
        else { return "it keeps no accounts in both countries of \(corridor)" }
        return nil
    }
}

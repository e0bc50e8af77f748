package import SelatISO20022
import SelatJSON
import SelatLedger
package import SelatMoney
package import SelatNode
package import SelatScheme
import SelatTime

/// An FX provider's own node: it pushes its rates to the hub and mirrors, from the hub's
/// notifications, what it holds at its access providers. It decides about no payment.
/// Source: Specs/States/Institutions.md; Bookings, the FX provider's view.
package final class FXProvider: Role {
    /// What one provider needs to know.
    package struct Configuration: Hashable, Sendable {
        package var id: PartyID
        package var name: String
        package var rates: [StandingRate]
        package var nostros: [Nostro]

        package init(id: PartyID, name: String, rates: [StandingRate], nostros: [Nostro]) {
            self.id = id
            self.name = name
            self.rates = rates
            self.nostros = nostros
        }
    }

    /// The offer for one corridor, in one direction.
    package struct StandingRate: Hashable, Sendable {
        package var sourceCountry: String
        package var destinationCountry: String
        /// Destination units per source unit.
        package var rate: ExchangeRate

        package init(sourceCountry: String, destinationCountry: String, rate: ExchangeRate) {
            self.sourceCountry = sourceCountry
            self.destinationCountry = destinationCountry
            self.rate = rate
        }

        /// Names the record that holds the rate of today.
        var key: String { "\(sourceCountry)/\(destinationCountry)" }
    }

    /// The provider's account at one access provider, as the provider sees it.
    package struct Nostro: Hashable, Sendable {
        package var accessProvider: BICFI
        /// ISO 3166-1 alpha-2.
        package var country: String
        package var opening: Money

        package init(accessProvider: BICFI, country: String, opening: Money) {
            self.accessProvider = accessProvider
            self.country = country
            self.opening = opening
        }
    }

    /// What the provider knows of one payment. Published: Specs/States/Institutions.md.
    package enum State: UInt8, Hashable, Sendable, CaseIterable {
        /// Told once that the payment moved its money.
        case notified = 1
    }

    static let openMarker = "open"

    let configuration: Configuration
    let book: BookID

    package init(_ configuration: Configuration) {
        self.configuration = configuration
        book = BookID(configuration.id.name)
    }

    var instance: PartyID { configuration.id }

    func key(_ account: String, _ currency: Currency) -> AccountKey {
        AccountKey(book: book, name: account, currency: currency)
    }

    func nostroAccount(_ nostro: Nostro) -> AccountKey {
        key("nostro:" + nostro.accessProvider.code, nostro.opening.currency)
    }

    func positionAccount(_ currency: Currency) -> AccountKey {
        key("fx-position:" + currency.code, currency)
    }

    /// One position per currency, in the order of the nostros.
    var currencies: [Currency] {
        configuration.nostros.reduce(into: []) { currencies, nostro in
            if !currencies.contains(nostro.opening.currency) {
                currencies.append(nostro.opening.currency)
            }
        }
    }

    /// All accounts of the book: the nostros, then the positions.
    var chart: [AccountKey] {
        configuration.nostros.map(nostroAccount) + currencies.map(positionAccount)
    }

    package func facts(for event: Event, known: Facts, _ keys: inout [FactKey]) {
        switch event.body {
        case .opening:
            keys.append(.record(instance, .marker, Self.openMarker))
            keys += configuration.rates.map { .record(instance, .rate, $0.key) }
        case .message(_, .notification(let completed)):
            keys.append(.payment(instance, completed.uetr))
        case .message(_, .iso), .message(_, .rate), .malformed, .timer: break
        case .request(_, let sender, let request):
            if sender == .operatorChannel { keys += requestFacts(request) }
        }
    }

    package func decide(_ event: Event, given facts: Facts, _ decision: inout Decision) {
        switch event.body {
        case .opening: decision = open(event, facts)
        case .message(let sender, .notification(let completed)):
            book(completed, from: sender, facts, &decision)
        case .message(let sender, .iso), .message(let sender, .rate):
            decision = .alert(.notice, "\(sender) sent what an FX provider does not read")
        case .malformed(let sender, _):
            decision = .alert(.notice, "\(sender) sent a message that can not be read")
        case .timer: break
        case .request(let id, let sender, let request):
            guard sender == .operatorChannel else {
                decision.replies.append(
                    .error(id, 403, "only the provider's own operator may ask this")
                )
                return
            }
            decision = answer(request, id, event, facts)
        }
    }

    // MARK: Opening

    private func open(_ event: Event, _ facts: Facts) -> Decision {
        var decision = Decision()
        if facts.record(instance, .marker, Self.openMarker) == nil {
            decision.accounts += configuration.nostros.map {
                LedgerAccount(key: nostroAccount($0), kind: .asset, floor: nil)
            }
            decision.accounts += currencies.map {
                LedgerAccount(key: positionAccount($0), kind: .equity, floor: nil)
            }
            let transfers = configuration.nostros.filter(\.opening.isPositive).map { nostro in
                Transfer(
                    debit: nostroAccount(nostro).name,
                    credit: positionAccount(nostro.opening.currency).name,
                    amount: nostro.opening
                )
            }
            if !transfers.isEmpty {
                decision.journals.append(
                    Journal(
                        book: book,
                        subject: UUIDv4(event.seed.derived(0)),
                        number: 1,
                        purpose: .opening,
                        action: .direct,
                        transfers: transfers
                    )
                )
            }
            decision.records.append(
                RecordChange(
                    kind: .marker,
                    key: Self.openMarker,
                    expectedVersion: 0,
                    content: RecordWriter.record(layout: 1) { _ in }
                )
            )
        }
        for (index, configured) in configuration.rates.enumerated() {
            let stored = facts.record(instance, .rate, configured.key)
            let offer = RateOffer(stored, configured: configured.rate)
            decision.announce(
                offer.rate,
                of: configured,
                id: UUIDv4(event.seed.derived(UInt64(index) + 1))
            )
            guard stored?.content != offer.record else { continue }
            decision.records.append(
                RecordChange(
                    kind: .rate,
                    key: configured.key,
                    expectedVersion: stored?.version ?? 0,
                    content: offer.record
                )
            )
        }
        return decision
    }

    // MARK: Notifications

    /// M17, once per UETR: what came in at the source, what went out at the destination.
    private func book(
        _ completed: CompletedPayment,
        from sender: PartyID,
        _ facts: Facts,
        _ decision: inout Decision
    ) {
        guard sender == .hub else {
            decision = .alert(
                .security,
                uetr: completed.uetr,
                "\(sender) sent a notification that only the hub may send"
            )
            return
        }
        guard facts.payment(instance, completed.uetr) == nil else { return }
        let source = nostro(completed.sourceAccessProvider, completed.source)
        let destination = nostro(completed.destinationAccessProvider, completed.destination)
        guard let source, let destination else {
            decision = .alert(
                .incident,
                uetr: completed.uetr,
                "notified of a payment over an account this provider does not have; "
                    + "compare the nostros with the hub's reference data"
            )
            return
        }
        decision.payments.append(
            PaymentChange(
                uetr: completed.uetr,
                expectedVersion: 0,
                state: State.notified.rawValue,
                due: nil,
                content: NotifiedPayment(completed).record,
                cause: "M17"
            )
        )
        decision.journals.append(
            Journal(
                book: book,
                subject: completed.uetr,
                number: 1,
                action: .direct,
                transfers: [
                    Transfer(
                        debit: source.name,
                        credit: positionAccount(completed.source.currency).name,
                        amount: completed.source
                    ),
                    Transfer(
                        debit: positionAccount(completed.destination.currency).name,
                        credit: destination.name,
                        amount: completed.destination
                    ),
                ]
            )
        )
    }

    private func nostro(_ accessProvider: BICFI, _ amount: Money) -> AccountKey? {
        guard amount.isBookable else { return nil }
        return configuration.nostros.first {
            $0.accessProvider == accessProvider && $0.opening.currency == amount.currency
        }.map(nostroAccount)
    }
}

extension Decision {
    static func alert(
        _ severity: Alert.Severity,
        uetr: UUIDv4? = nil,
        _ text: String
    ) -> Decision {
        var decision = Decision()
        decision.alerts.append(Alert(severity, uetr: uetr, text))
        return decision
    }

    static func replying(_ reply: Reply) -> Decision {
        var decision = Decision()
        decision.replies.append(reply)
        return decision
    }

    /// `nil` withdraws the offer.
    mutating func announce(
        _ rate: ExchangeRate?,
        of corridor: FXProvider.StandingRate,
        id: UUIDv4
    ) {
        messages.append(
            Outgoing(
                to: .hub,
                .rate(
                    RateAnnouncement(
                        id: id,
                        sourceCountry: corridor.sourceCountry,
                        destinationCountry: corridor.destinationCountry,
                        rate: rate
                    )
                )
            )
        )
    }
}

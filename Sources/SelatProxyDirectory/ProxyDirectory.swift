package import SelatISO20022
import SelatJSON
package import SelatNode
package import SelatScheme
import SelatTime

/// A country's proxy directory: it turns a mobile number or another proxy into an account, for
/// whoever its payment system asks for. It holds no money and no payment.
/// Rulebook: Addressing; acmt.023 and acmt.024.
package struct ProxyDirectory: Role {
    /// What one directory needs to know.
    package struct Configuration: Hashable, Sendable {
        package var id: PartyID
        /// Under which it signs its reports.
        package var bicfi: BICFI
        package var registrations: [Registration]
        /// `nil`: look-ups are not counted.
        package var lookupLimit: LookupLimit?

        package init(
            id: PartyID,
            bicfi: BICFI,
            registrations: [Registration],
            lookupLimit: LookupLimit? = nil
        ) {
            self.id = id
            self.bicfi = bicfi
            self.registrations = registrations
            self.lookupLimit = lookupLimit
        }
    }

    /// One proxy and the account it stands for. The same proxy may stand for several accounts
    /// at several institutions; then a request must name the institution.
    package struct Registration: Hashable, Sendable {
        /// ISO: ExternalProxyAccountType1Code, such as `MBNO`.
        package var code: String
        package var value: String
        package var bicfi: BICFI
        package var account: String
        /// The real name: for screening, never shown to a sender.
        package var name: String
        /// What a sender is shown, masked as the directory sees fit; at most 70 characters.
        package var displayName: String

        package init(
            code: String,
            value: String,
            bicfi: BICFI,
            account: String,
            name: String,
            displayName: String
        ) {
            self.code = code
            self.value = value
            self.bicfi = bicfi
            self.account = account
            self.name = name
            self.displayName = displayName
        }
    }

    /// How many look-ups one sender may make before FRAD is answered. Rulebook: Abuse controls.
    package struct LookupLimit: Hashable, Sendable {
        /// Look-ups answered within one window.
        package var count: Int
        package var window: Duration

        package init(count: Int, window: Duration) {
            self.count = count
            self.window = window
        }
    }

    static let openMarker = "open"

    let configuration: Configuration

    package init(_ configuration: Configuration) {
        self.configuration = configuration
    }

    var instance: PartyID { configuration.id }

    package func facts(for event: Event, known: Facts, _ keys: inout [FactKey]) {
        switch event.body {
        case .opening:
            keys.append(.record(instance, .marker, Self.openMarker))
            keys += seedKeys
        case .message(let sender, .iso(.verificationRequest(let request))):
            guard let proxy = request.account?.proxy else { return }
            keys.append(.record(instance, .proxy, ProxyKey(proxy).text))
            if configuration.lookupLimit != nil {
                keys.append(.record(instance, .counter, counterKey(request, from: sender)))
            }
        case .message, .malformed, .request, .timer: break
        }
    }

    package func decide(_ event: Event, given facts: Facts, _ decision: inout Decision) {
        switch event.body {
        case .opening: decision = open(facts)
        case .message(let sender, .iso(.verificationRequest(let request))):
            decision = resolve(request, from: sender, event, facts)
        case .message(let sender, .iso(.creditTransfer)),
            .message(let sender, .iso(.statusReport)),
            .message(let sender, .iso(.verificationReport)), .message(let sender, .rate),
            .message(let sender, .notification):
            decision = .alert(.notice, "\(sender) sent what a proxy directory does not read")
        case .malformed(let sender, _):
            decision = .alert(.notice, "\(sender) sent a message that can not be read")
        case .request(let id, _, _):
            decision.replies.append(
                .error(id, 404, "a proxy directory answers acmt.023, no requests")
            )
        case .timer: break
        }
    }

    // MARK: Opening

    /// The proxies of the configuration, each once, in order.
    private var seedKeys: [FactKey] {
        seeds.map { .record(instance, .proxy, $0.key) }
    }

    private var seeds: [(key: String, entries: [ProxyEntry])] {
        var seeds: [(key: String, entries: [ProxyEntry])] = []
        for registration in configuration.registrations {
            let key = ProxyKey(code: registration.code, value: registration.value).text
            if let index = seeds.firstIndex(where: { $0.key == key }) {
                seeds[index].entries.append(ProxyEntry(registration))
            } else {
                seeds.append((key, [ProxyEntry(registration)]))
            }
        }
        return seeds
    }

    private func open(_ facts: Facts) -> Decision {
        var decision = Decision()
        guard facts.record(instance, .marker, Self.openMarker) == nil else { return decision }
        for (key, entries) in seeds {
            decision.records.append(
                RecordChange(
                    kind: .proxy,
                    key: key,
                    expectedVersion: facts.record(instance, .proxy, key)?.version ?? 0,
                    content: ProxyEntry.record(of: entries)
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
        return decision
    }
}

extension Decision {
    static func alert(_ severity: Alert.Severity, _ text: String) -> Decision {
        var decision = Decision()
        decision.alerts.append(Alert(severity, uetr: nil, text))
        return decision
    }
}

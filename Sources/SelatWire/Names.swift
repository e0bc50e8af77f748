/// A party as a frame names it: the hub, a payment system, a participant's BICFI, a provider.
///
/// 1 to 35 ASCII characters from `!` to `~`. Only the form is checked here; whether the link may
/// speak for that party is for the caller to know.
public struct PartyName: Hashable, Sendable, CustomStringConvertible {
    /// The name itself.
    public let text: String

    /// `nil` unless 1...35 characters from `!` to `~`.
    public init?(_ text: String) {
        guard (1...WireLimits.partyName).contains(text.utf8.count),
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return nil }
        self.text = text
    }

    /// For names that were checked when they were read.
    public init(checked text: String) {
        precondition(
            (1...WireLimits.partyName).contains(text.utf8.count),
            "a party's name has 1...35 bytes"
        )
        self.text = text
    }

    init(decoded text: String) { self.text = text }

    /// The name itself.
    public var description: String { text }
}

/// A node as its certificate names it. 1 to 63 of `a-z 0-9 -`, not beginning with a hyphen.
public struct NodeName: Hashable, Sendable, CustomStringConvertible {
    /// The name itself.
    public let text: String

    /// `nil` unless 1...63 of `a-z 0-9 -`, not beginning with a hyphen.
    public init?(_ text: String) {
        guard (1...WireLimits.nodeName).contains(text.utf8.count), text.utf8.first != 0x2D,
            text.utf8.allSatisfy({
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
            })
        else { return nil }
        self.text = text
    }

    /// The name itself.
    public var description: String { text }
}

/// What a service call asks for, for example `quotes`. 1 to 64 of `a-z 0-9 - . /`.
///
/// Source: Specs/Protocol/Requests.md.
public struct OperationName: Hashable, Sendable, CustomStringConvertible {
    /// The name itself.
    public let text: String

    /// `nil` unless 1...64 of `a-z 0-9 - . /`.
    public init?(_ text: String) {
        guard (1...WireLimits.operation).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x2D...0x39).contains($0) })
        else { return nil }
        self.text = text
    }

    /// The name itself.
    public var description: String { text }
}

/// What a message's payload is. An open set: a number this node does not know is for its caller to
/// refuse, not for the frame codec.
public struct MessageKind: RawRepresentable, Hashable, Sendable {
    /// The byte on the wire.
    public let rawValue: UInt8

    /// Any byte; an unknown one is lawful.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// ISO: pacs.008.001.13, XML.
    public static let customerCreditTransfer = MessageKind(rawValue: 1)
    /// ISO: pacs.002.001.15, XML.
    public static let paymentStatusReport = MessageKind(rawValue: 2)
    /// ISO: acmt.023.001.04, XML.
    public static let identificationVerificationRequest = MessageKind(rawValue: 3)
    /// ISO: acmt.024.001.04, XML.
    public static let identificationVerificationReport = MessageKind(rawValue: 4)
    /// An FX provider's standing rate, JSON. Specs/Protocol/Requests.md.
    public static let rateAnnouncement = MessageKind(rawValue: 16)
    /// The hub's notice to an FX provider, JSON. Specs/Protocol/Requests.md.
    public static let completedPayment = MessageKind(rawValue: 17)
}

/// Why a side ends a connection. An open set: an unknown reason ends it all the same.
public struct GoodbyeReason: RawRepresentable, Hashable, Sendable {
    /// The byte on the wire.
    public let rawValue: UInt8

    /// Any byte; an unknown one is lawful.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The node stops or is being restarted; connect again later.
    public static let shutdown = GoodbyeReason(rawValue: 1)
    /// A frame that is malformed, out of place or beyond a limit.
    public static let protocolViolation = GoodbyeReason(rawValue: 2)
    /// A message's number is not the next one.
    public static let gap = GoodbyeReason(rawValue: 3)
    /// No common protocol version or frame length.
    public static let incompatible = GoodbyeReason(rawValue: 4)
    /// The hello names another node than the certificate.
    public static let wrongNode = GoodbyeReason(rawValue: 5)
    /// The peer was silent for too long.
    public static let silence = GoodbyeReason(rawValue: 6)
    /// A newer connection of the same peer takes this one's place.
    public static let replaced = GoodbyeReason(rawValue: 7)
    /// Its sender numbers its messages anew and comes back under a new epoch.
    public static let newEpoch = GoodbyeReason(rawValue: 8)
}

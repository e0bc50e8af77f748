extension GoodbyeReason: CustomStringConvertible {
    /// Its name; its number where version 1 knows none.
    public var description: String {
        switch self {
        case .shutdown: "shutdown"
        case .protocolViolation: "protocol violation"
        case .gap: "gap"
        case .incompatible: "incompatible"
        case .wrongNode: "wrong node"
        case .silence: "silence"
        case .replaced: "replaced"
        case .newEpoch: "new epoch"
        default: "reason \(rawValue)"
        }
    }
}

extension SessionEnd: CustomStringConvertible {
    /// One phrase for the log.
    public var description: String {
        switch self {
        case .left(let reason): "this side left (\(reason))"
        case .goodbye(let goodbye) where goodbye.text.isEmpty:
            "the peer said goodbye (\(goodbye.reason))"
        case .goodbye(let goodbye):
            "the peer said goodbye (\(goodbye.reason)): \(goodbye.text.onOneLine)"
        case .violation(let error): "the peer broke the protocol: \(error)"
        case .helloTimeout: "the peer sent no hello in time"
        case .silence: "the peer was silent for too long"
        case .renumbering: "this side must come back under a new epoch"
        case .disconnected: "the connection ended without a goodbye"
        }
    }
}

extension String {
    /// A peer's words must not look like lines of ours.
    fileprivate var onOneLine: String {
        String(
            String.UnicodeScalarView(unicodeScalars.map { $0.properties.isPrintable ? $0 : "?" })
        )
    }
}

extension Unicode.Scalar.Properties {
    fileprivate var isPrintable: Bool {
        switch generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: false
        default: true
        }
    }
}

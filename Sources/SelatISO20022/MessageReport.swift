internal import SelatTime
internal import SelatXML

/// Turns faults by byte offset into rejections by path, and saves from refused bytes what an
/// answer needs. Works on documents of any shape; costs a second reading, on refusals only.
struct MessageReport {
    /// Elements looked at for the ids; they stand early, and a hostile document has thousands.
    private static let salvageSteps = 256

    private let bytes: [UInt8]
    private let kind: MessageKind?

    init(_ bytes: [UInt8], kind: MessageKind?) {
        self.bytes = bytes
        self.kind = kind
    }

    /// The error for these faults, which are in order of precedence.
    func error(_ faults: [MessageFault]) -> MessageError {
        let saved = salvage()
        var rejections = faults.compactMap(rejection)
        if rejections.isEmpty {
            rejections = [
                Rejection(reason: .ff01, path: "/", expected: "a message", found: "no value")
            ]
        }
        return MessageError(
            rejections: rejections,
            kind: kind,
            messageIdentification: saved.messageIdentification,
            uetr: saved.uetr
        )
    }

    private func rejection(_ fault: MessageFault) -> Rejection? {
        switch fault {
        case .document(let error):
            Rejection(
                reason: .ff01,
                path: ElementPath(text(path(at: error.offset, entering: true))),
                expected: error.expected,
                found: error.found
            )
        case .value(let offset, let reason, let expected, let found):
            Rejection(
                reason: reason,
                path: ElementPath(text(path(at: offset, entering: true))),
                expected: expected,
                found: found
            )
        case .missing(let name, let offset, let reason):
            Rejection(
                reason: reason,
                path: ElementPath(text(path(at: offset, entering: false)) + "/\(name)"),
                expected: "the element",
                found: reason == .ch21 || isEndTag(at: offset) ? "none" : "another in its place"
            )
        case .unsupported:
            Rejection(
                reason: .ff01,
                path: "/Document",
                expected: "one of " + MessageKind.allCases.map(\.rawValue).joined(separator: ", "),
                found: "another message or version"
            )
        case .incomplete: nil
        }
    }

    private func isEndTag(at offset: Int) -> Bool {
        offset + 1 < bytes.count && bytes[offset + 1] == 0x2F
    }

    /// The innermost element that covers the offset; with `entering` also one that starts there.
    private func path(at offset: Int, entering: Bool) -> [XMLWalker.Level] {
        var walker = XMLWalker(bytes, attribute: MessageDecoder.currencyAttribute)
        var path: [XMLWalker.Level] = []
        while let step = walker.step() {
            switch step {
            case .element(let start):
                if start > offset || start == offset && !entering { return path }
                path = walker.path
                if start == offset { return path }
            case .text(_, let start, let end):
                if start > offset || start == offset && !entering { return path }
                if start == offset || offset < end { return walker.path }
            case .end(let start):
                if start >= offset { return path }
                path = walker.path.dropLast()
            }
        }
        return path
    }

    private func text(_ path: [XMLWalker.Level]) -> String {
        path.isEmpty
            ? "/"
            : path.map { $0.position > 1 ? "/\($0.name)[\($0.position)]" : "/\($0.name)" }.joined()
    }

    /// The first message id and the first UETR, where the messages of the network have them.
    private func salvage() -> (messageIdentification: String?, uetr: UUIDv4?) {
        var saved: (messageIdentification: String?, uetr: UUIDv4?) = (nil, nil)
        var walker = XMLWalker(bytes, attribute: MessageDecoder.currencyAttribute)
        var steps = 0
        while steps < MessageReport.salvageSteps, let step = walker.step() {
            steps += 1
            guard case .text(let text, _, _) = step, walker.path.count >= 4 else { continue }
            let names = walker.path.dropFirst(2).map(\.name)
            switch names {
            case ["GrpHdr", "MsgId"], ["Assgnmt", "MsgId"]:
                let id = String(decoding: text, as: UTF8.self)
                if (1...35).contains(id.unicodeScalars.count) {
                    saved.messageIdentification = saved.messageIdentification ?? id
                }
            case ["CdtTrfTxInf", "PmtId", "UETR"], ["TxInfAndSts", "OrgnlUETR"]:
                if saved.uetr == nil { saved.uetr = UUIDv4(ascii: text.span) }
            default: continue
            }
        }
        return saved
    }
}

package import SelatJSON

/// The answer to one request; it leaves after the commit of what the request wrote.
package struct Reply: Hashable, Sendable {
    /// A body as its role made it.
    private enum Content: Hashable, Sendable {
        case value(JSONValue)
        /// Canonical, its keys sorted.
        case text([UInt8])
    }

    package let request: RequestID
    /// As in HTTP: 200, 400, 403, 404, 409, 422, 503.
    package let status: UInt16
    private let content: Content

    package init(request: RequestID, status: UInt16, body: JSONValue) {
        self.request = request
        self.status = status
        content = .value(body)
    }

    /// For answers that are written without first being built: `text` is canonical, its keys
    /// sorted.
    package init(request: RequestID, status: UInt16, text: [UInt8]) {
        self.request = request
        self.status = status
        content = .text(text)
    }

    /// The body's canonical text, keys sorted: what goes over a link.
    package var text: [UInt8] {
        switch content {
        case .value(let body): body.canonicalBytes(sortedKeys: true)
        case .text(let text): text
        }
    }

    /// The body, for whoever asks from within this process.
    package var body: JSONValue {
        switch content {
        case .value(let body): body
        case .text(let text): JSONCursor(written: text).value
        }
    }

    /// The same, to be read in part.
    package var cursor: JSONCursor {
        switch content {
        case .value(let body): body.cursor
        case .text(let text): JSONCursor(written: text)
        }
    }
}

extension Reply {
    /// What was asked for.
    package static func ok(_ request: RequestID, _ body: JSONValue) -> Reply {
        Reply(request: request, status: 200, body: body)
    }

    /// An answer that says what was wrong.
    package static func error(_ request: RequestID, _ status: UInt16, _ text: String) -> Reply {
        Reply(request: request, status: status, body: ["error": .string(text)])
    }
}

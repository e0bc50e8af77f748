import SelatJSON

/// Where the nodes of a region listen: `DIR/endpoints.json`. Chosen once, kept and used again, so
/// that a restarted node is found where it was.
///
///     {"hub":{"host":"127.0.0.1","port":40123},"ips-sg":{"host":"127.0.0.1","port":40124}}
package struct Endpoints: Hashable, Sendable {
    private var endpoints: [String: Endpoint]

    /// - Parameter endpoints: By node id.
    package init(_ endpoints: [String: Endpoint] = [:]) { self.endpoints = endpoints }

    /// Where a node listens, if it is listed.
    package subscript(node: String) -> Endpoint? {
        get { endpoints[node] }
        set { endpoints[node] = newValue }
    }

    /// The file in a data directory.
    ///
    /// - Parameter directory: `DIR`.
    /// - Returns: Its path.
    package static func file(in directory: String) -> String { "\(directory)/endpoints.json" }

    /// Reads the file; no file lists nobody.
    ///
    /// - Parameter directory: `DIR`.
    /// - Returns: Who listens where.
    /// - Throws: `RuntimeError.file` when it is there and unreadable.
    package static func read(in directory: String) throws(RuntimeError) -> Endpoints {
        let path = file(in: directory)
        guard let text = try TextFile.readIfPresent(path) else { return Endpoints() }
        do throws(JSONError) {
            let cursor = try JSONCursor(parsing: Array(text.utf8))
            guard case .object(let members) = cursor.value else {
                throw cursor.mismatch(expected: "an object of node ids")
            }
            var endpoints: [String: Endpoint] = [:]
            for member in members {
                let entry = try cursor.member(member.key)
                try entry.allow(["host", "port"])
                endpoints[member.key] = Endpoint(
                    host: try entry.string("host"),
                    port: Int(try entry.integer("port", UInt16.self))
                )
            }
            return Endpoints(endpoints)
        } catch {
            throw .file(path, line: 0, got: "\(error)", remedy: "remove it to choose ports anew")
        }
    }

    /// Replaces the file.
    ///
    /// - Parameter directory: `DIR`.
    /// - Throws: `RuntimeError.file`.
    package func write(in directory: String) throws(RuntimeError) {
        var writer = JSONWriter()
        writer.object { writer in
            for node in endpoints.keys.sorted() {
                guard let endpoint = endpoints[node] else { continue }
                writer.object(node) { writer in
                    writer.member("host", endpoint.host)
                    writer.member("port", endpoint.port)
                }
            }
        }
        let text = String(decoding: writer.bytes, as: UTF8.self)
        try TextFile.replace(Endpoints.file(in: directory), with: text + "\n")
    }
}

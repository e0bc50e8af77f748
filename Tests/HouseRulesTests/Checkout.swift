import Foundation

/// The checkout this test was built from, read as text.
enum Checkout {
    struct Source {
        /// From the package root: `Sources/SelatMoney/Money.swift`.
        let path: String
        let lines: [Substring]

        var isGenerated: Bool { path.contains("/Generated/") }

        /// The modules it imports, whatever the access level.
        var imports: [String] {
            lines.compactMap { line in
                var words = line.split(separator: " ")
                if let first = words.first,
                    ["public", "package", "internal", "private", "@preconcurrency"].contains(first)
                {
                    words.removeFirst()
                }
                guard words.first == "import", words.count >= 2 else { return nil }
                return String(words[words.count == 2 ? 1 : 2].split(separator: ".")[0])
            }
        }
    }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static func swiftFiles(under folder: String) throws -> [Source] {
        let base = root.appendingPathComponent(folder)
        guard let names = FileManager.default.enumerator(atPath: base.path) else { return [] }
        return try names.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.sorted()
            .map { name in
                let text = try String(
                    contentsOf: base.appendingPathComponent(name),
                    encoding: .utf8
                )
                return Source(
                    path: folder + "/" + name,
                    lines: text.split(separator: "\n", omittingEmptySubsequences: false)
                )
            }
    }
}

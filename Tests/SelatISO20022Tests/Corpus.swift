import Foundation
import SelatISO20022
import Testing

/// The message corpus and schemas beside the package, or where SELAT_SHARED says.
enum Corpus {
    static let directory: URL? = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let shared =
            ProcessInfo.processInfo.environment["SELAT_SHARED"].map { URL(fileURLWithPath: $0) }
            ?? root.deletingLastPathComponent().appending(path: "shared")
        let messages = shared.appending(path: "messages")
        guard FileManager.default.fileExists(atPath: messages.path) else {
            print("SKIPPED: no message corpus at \(messages.path); set SELAT_SHARED")
            return nil
        }
        return messages
    }()

    /// One file of the corpus.
    struct Sample: CustomTestStringConvertible, Sendable {
        let name: String
        let bytes: [UInt8]
        var testDescription: String { name }
    }

    /// One line of `verdicts.json`.
    struct Verdict: Decodable {
        let file: String
        let schema: String
        let `class`: String
        let note: String
    }

    static func samples(_ folder: String) -> [Sample] {
        guard let directory else { return [] }
        let url = directory.appending(path: folder)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        return names.filter { $0.hasSuffix(".xml") }.sorted().compactMap { name in
            (try? Data(contentsOf: url.appending(path: name))).map {
                Sample(name: String(name.dropLast(4)), bytes: [UInt8]($0))
            }
        }
    }

    static func sample(_ folder: String, _ name: String) throws -> [UInt8] {
        try #require(samples(folder).first { $0.name == name }).bytes
    }

    static func verdicts() throws -> [String: Verdict] {
        guard let directory else { return [:] }
        let data = try Data(contentsOf: directory.appending(path: "invalid/verdicts.json"))
        let verdicts = try JSONDecoder().decode([Verdict].self, from: data)
        return Dictionary(
            uniqueKeysWithValues: verdicts.map { (String($0.file.dropLast(4)), $0) }
        )
    }

    /// Writes a message where SELAT_EMITTED says, for validation against the XSDs by CI.
    static func emit(_ message: ISOMessage, as name: String) throws {
        guard let path = ProcessInfo.processInfo.environment["SELAT_EMITTED"] else { return }
        let folder = URL(fileURLWithPath: path).appending(path: message.kind.rawValue)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(message.encode()).write(to: folder.appending(path: name + ".xml"))
    }

    static func isOurs(_ name: String) -> Bool {
        ["pacs008", "pacs002", "acmt023", "acmt024"].contains { name.hasPrefix($0) }
    }
}

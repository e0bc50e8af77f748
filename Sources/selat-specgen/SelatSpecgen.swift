import ArgumentParser
import Foundation

/// `selat-specgen`: message specifications in, Swift out.
@main
struct SelatSpecgen: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "selat-specgen",
        abstract: "Turns Specs/ISO20022 into Sources/SelatISO20022/Generated.",
        discussion: """
            The output is committed. With --check nothing is written, and the exit code is 1 when \
            the committed files are not what the specification says. With --schemas the \
            specification is also compared with the official XSDs in a directory.
            """
    )

    @Flag(help: "Compare with the files there instead of writing them.")
    var check = false

    @Option(help: "Directory of the official XSDs to compare the specification with.")
    var schemas: String?

    @Option(help: "Root of the package.")
    var root = "."

    mutating func run() throws {
        let base = URL(fileURLWithPath: root)
        let specification = try SpecificationParser.read(base.appending(path: "Specs/ISO20022"))
        let output = base.appending(path: "Sources/SelatISO20022/Generated")
        let files = GeneratedFiles(specification: specification).all()
        var isClean = true
        if let schemas {
            let differences = try SchemaComparison.differences(
                specification,
                schemas: URL(fileURLWithPath: schemas)
            )
            for difference in differences { print(difference) }
            isClean = differences.isEmpty
        }
        isClean = try (check ? compare(files, output) : write(files, output)) && isClean
        if !isClean { throw ExitCode(1) }
    }

    private func write(_ files: [(name: String, text: String)], _ output: URL) throws -> Bool {
        try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
        for stale in try committed(output) where !files.contains(where: { $0.name == stale }) {
            try FileManager.default.removeItem(at: output.appending(path: stale))
        }
        for file in files {
            let url = output.appending(path: file.name)
            guard try text(url) != file.text else { continue }
            try file.text.write(to: url, atomically: true, encoding: .utf8)
            print("wrote \(file.name)")
        }
        return true
    }

    private func compare(_ files: [(name: String, text: String)], _ output: URL) throws -> Bool {
        var isClean = true
        for file in files {
            let url = output.appending(path: file.name)
            let there = try text(url)
            guard there != file.text else { continue }
            isClean = false
            print("--- \(file.name) (committed)\n+++ \(file.name) (from the specification)")
            for line in difference(from: there, to: file.text) { print(line) }
        }
        for stale in try committed(output) where !files.contains(where: { $0.name == stale }) {
            isClean = false
            print("--- \(stale): no longer generated")
        }
        if !isClean { print("run `swift run selat-specgen` and commit the result") }
        return isClean
    }

    /// The file's text; empty where there is no file.
    private func text(_ url: URL) throws -> String {
        guard FileManager.default.fileExists(atPath: url.path) else { return "" }
        return try String(contentsOf: url, encoding: .utf8)
    }

    private func committed(_ output: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: output.path).sorted()
    }

    /// Removed and added lines with their numbers.
    private func difference(from old: String, to new: String) -> [String] {
        let old = old.components(separatedBy: "\n")
        let new = new.components(separatedBy: "\n")
        return new.difference(from: old).map { change in
            switch change {
            case .remove(let offset, let line, _): "-\(offset + 1): \(line)"
            case .insert(let offset, let line, _): "+\(offset + 1): \(line)"
            }
        }
    }
}

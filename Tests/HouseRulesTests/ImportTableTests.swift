import Foundation
import Testing

/// SwiftPM builds an undeclared transitive import; this test does not let it pass.
/// Source: Specs/Architecture.md, the import table.
@Suite struct ImportTableTests {
    static let leaves = [
        "SelatMoney", "SelatTime", "SelatJSON", "SelatXML", "SelatISO20022", "SelatWire",
        "SelatLedger",
    ]
    static let collections = ["DequeModule", "HeapModule"]
    static let seam = leaves + ["SelatScheme", "SelatNode"]
    static let roles = [
        "SelatHub", "SelatInstantPaymentSystem", "SelatFXProvider", "SelatProxyDirectory",
        "SelatParticipant",
    ]
    static let nio = ["NIOCore", "NIOPosix", "NIOConcurrencyHelpers"]

    /// What each target may import; the standard library goes without saying.
    static let table: [String: [String]] = {
        var table: [String: [String]] = [
            "SelatMoney": [], "SelatTime": [], "SelatJSON": [], "SelatXML": [],
            "SelatISO20022": ["SelatMoney", "SelatTime", "SelatXML"],
            "SelatWire": ["SelatTime"] + collections,
            "SelatLedger": ["SelatMoney", "SelatTime"],
            "SelatScheme": leaves,
            "SelatNode": leaves + ["SelatScheme"] + collections,
            "SelatStorage": seam + ["DequeModule", "Synchronization"],
            "SelatSQLite": seam + ["SelatStorage", "CSQLite", "CCheckedPages", "CLZ4", "Glibc"],
            "SelatTLS": ["COpenSSL", "SelatTime", "Glibc", "Synchronization"] + nio,
            "SelatAudit": seam + ["SelatStorage", "Synchronization"],
            "SelatSimulator": seam + roles + ["SelatStorage", "SelatAudit"] + collections,
            "SelatRuntime": seam + roles + nio + collections + [
                "SelatStorage", "SelatSQLite", "SelatTLS", "CMimalloc", "CLinux", "Logging", "Yams",
                "Foundation",
                "Glibc",
                "Synchronization",
            ],
            "selat": seam + roles + nio + [
                "SelatStorage", "SelatSQLite", "SelatTLS", "SelatAudit", "SelatRuntime",
                "SelatSimulator", "ArgumentParser", "Logging", "Foundation", "Glibc", "Dispatch",
                "Synchronization", "DequeModule",
            ],
            "selat-specgen": ["ArgumentParser", "Foundation", "FoundationXML"],
        ]
        for role in roles { table[role] = seam }
        return table
    }()

    @Test func everyImportStandsInTheTable() throws {
        var broken: [String] = []
        for source in try Checkout.swiftFiles(under: "Sources") {
            let target = source.path.split(separator: "/")[1]
            guard let allowed = Self.table[String(target)] else {
                broken.append("\(source.path): target \(target) is not in the table")
                continue
            }
            for module in source.imports where !allowed.contains(module) {
                broken.append("\(source.path): \(target) may not import \(module)")
            }
        }
        #expect(broken.isEmpty, "\(broken.joined(separator: "\n"))")
    }

    @Test func theSimulatorNeverTouchesTheOutside() {
        let outside = ["SelatTLS", "SelatSQLite", "COpenSSL", "CSQLite", "NIOCore", "NIOPosix"]
        #expect(Self.table["SelatSimulator"]?.contains { outside.contains($0) } == false)
    }
}

package import SelatISO20022
package import SelatJSON
import SelatScheme

/// What one file is worth as a message of the network.
package struct MessageVerdict: Hashable, Sendable {
    /// As it was given.
    package let file: String
    /// `nil` when the bytes name no message of this network.
    package let message: String?
    package let violations: [Rejection]
    /// Why the file could not be read.
    package let unreadable: String?

    /// - Parameters:
    ///   - file: As it was given.
    ///   - bytes: What it holds.
    package init(file: String, bytes: [UInt8]) {
        self.file = file
        unreadable = nil
        do throws(MessageError) {
            let decoded = try ISOMessage.decode(bytes)
            message = decoded.kind.messageNameIdentification
            violations = MessageVerdict.violations(of: decoded)
        } catch {
            message = error.kind?.messageNameIdentification
            violations = error.rejections
        }
    }

    /// - Parameters:
    ///   - file: As it was given.
    ///   - unreadable: Why it could not be read.
    package init(file: String, unreadable: String) {
        self.file = file
        self.unreadable = unreadable
        message = nil
        violations = []
    }

    package var isValid: Bool { unreadable == nil && violations.isEmpty }

    private static func violations(of message: ISOMessage) -> [Rejection] {
        let violations = message.violations()
        guard violations.isEmpty, case .creditTransfer(let transfer) = message else {
            return violations
        }
        // The door into the domain asks a little more than the profile: amounts within 64 bits,
        // agents by BICFI.
        do throws(Rejection) {
            _ = try CreditTransfer(parsing: transfer)
            return []
        } catch {
            return [error]
        }
    }

    /// One line for each violation; one line saying that there is none.
    package var text: String {
        if let unreadable { return "\(file): \(unreadable)" }
        guard !violations.isEmpty else { return "\(file): \(message ?? "message") is valid" }
        return violations.map { violation in
            "\(file): \(violation.reason) \(violation.path): expected \(violation.expected), "
                + "found \(violation.found)"
        }.joined(separator: "\n")
    }

    /// One element of the document's `files`.
    package var json: JSONValue {
        [
            "file": .string(file),
            "message": message.map { .string($0) } ?? .null,
            "readable": .bool(unreadable == nil),
            "valid": .bool(isValid),
            "violations": .array(
                violations.map { violation in
                    [
                        "reason": .string(violation.reason.code),
                        "path": .string(violation.path.text),
                        "expected": .string(violation.expected),
                        "found": .string(violation.found),
                    ]
                }
            ),
        ]
    }
}

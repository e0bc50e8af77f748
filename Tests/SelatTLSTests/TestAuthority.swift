import COpenSSL
import Glibc
import SelatTLS
import SelatTime

/// A throw-away authority in a temporary directory, removed with it. Its keys live for one test.
final class TestAuthority {
    let authority: CertificateAuthority
    let directory: String

    init(now: Instant = .today) throws {
        var random = SystemRandomNumberGenerator()
        directory = "/tmp/selat-tls-\(String(random.next(), radix: 36))"
        authority = try CertificateAuthority.create(at: directory, name: "Test CA", now: now)
    }

    deinit { TestAuthority.remove(directory) }

    /// Credentials of a node, issued just now or at another time.
    func issue(
        _ nodeID: String,
        role: String = "ips",
        at now: Instant = .today,
        validity: Duration = .seconds(86_400)
    ) throws -> TLSCredentials {
        _ = try authority.issue(
            CertificateRequest(nodeID: nodeID, role: role, validity: validity),
            now: now
        )
        return authority.credentials(for: nodeID)
    }

    private static func remove(_ path: String) {
        guard let stream = unsafe opendir(path) else {
            _ = unsafe unlink(path)
            return
        }
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name != ".", name != ".." { remove("\(path)/\(name)") }
        }
        unsafe closedir(stream)
        _ = unsafe rmdir(path)
    }
}

extension Instant {
    /// The real time, at which OpenSSL judges validity.
    static var today: Instant { Instant(nanoseconds: Int64(time(nil)) * 1_000_000_000) }
}

extension TLSCredentials {
    /// The same node, judging others by another authority's files.
    func trusting(_ other: TestAuthority, checkingRevocation: Bool = true) -> TLSCredentials {
        TLSCredentials(
            certificateChainFile: certificateChainFile,
            privateKeyFile: privateKeyFile,
            trustFile: other.authority.certificateFile,
            revocationListFile: checkingRevocation ? other.authority.revocationListFile : nil
        )
    }
}

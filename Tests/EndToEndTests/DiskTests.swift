import Foundation
import SelatJSON
import SelatRuntime
import SelatScheme
import SelatTime
import Testing

/// Disks that fail under real daemons. The node says so once, ends with 70, and has acknowledged
/// nothing that is not on the disk; once the disk is sound and the node back, every payment that
/// was accepted ends the same everywhere. Which test covers what: Specs/Disk.md.
@Suite(.serialized, .region()) struct DiskTests {
    /// What goes wrong, and how it is brought about.
    struct Fault: CustomTestStringConvertible, Sendable {
        let name: String
        let node: String
        let tool: String
        /// What the log must say.
        let said: [String]
        /// The command before the node's own, given the database's path.
        let wrapper: @Sendable (String) -> [String]

        var testDescription: String { name }
    }

    /// Of one file: its calls fail from the `count`th on.
    private static func injecting(
        _ calls: String,
        _ error: String,
        from count: Int,
        into suffix: String
    ) -> @Sendable (String) -> [String] {
        { path in
            [
                "/usr/bin/strace", "-f", "-qq", "-o", "/dev/null", "-P", path + suffix,
                "-e", "trace=\(calls)", "-e", "inject=\(calls):error=\(error):when=\(count)+",
            ]
        }
    }

    private static let examine = "examine the disk, and start the node again when it is sound"

    static let faults = [
        Fault(
            name: "the log's sync fails",
            node: "hub",
            tool: "/usr/bin/strace",
            said: ["disk I/O error", examine],
            wrapper: injecting("fdatasync,fsync", "EIO", from: 9, into: "-wal")
        ),
        Fault(
            name: "the log cannot be written",
            node: "ips-sg",
            tool: "/usr/bin/strace",
            said: ["disk I/O error", examine],
            wrapper: injecting("pwrite64", "EIO", from: 200, into: "-wal")
        ),
        Fault(
            name: "the log meets a full disk",
            node: "ips-th",
            tool: "/usr/bin/strace",
            said: ["database or disk is full", "make room on its disk"],
            wrapper: injecting("pwrite64", "ENOSPC", from: 200, into: "-wal")
        ),
        Fault(
            name: "no file may grow beyond a size",
            node: "ips-th",
            tool: "/usr/bin/prlimit",
            said: ["disk I/O error", examine],
            wrapper: { path in
                let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size]) ?? 0
                return ["/usr/bin/prlimit", "--fsize=\(max(size as? Int ?? 0, 400_000))"]
            }
        ),
        Fault(
            name: "a file system without room",
            node: "hub",
            tool: "/usr/bin/unshare",
            said: ["database or disk is full", "make room on its disk"],
            // Its own mount of 1.5 MB more than the database has; what it wrote there is brought
            // back when the node has ended.
            wrapper: { path in
                let script = """
                    set -e
                    at=$(mktemp -d)
                    kb=$(($(stat -c %s "$0") / 1024 + 1500))
                    mount -t tmpfs -o size=${kb}k selat "$at"
                    cp "$0" "$at/node" && mv "$0" "$0.kept" && ln -s "$at/node" "$0"
                    set +e
                    "$@"
                    code=$?
                    rm "$0" && cp "$at/node" "$0"
                    [ -e "$at/node-wal" ] && cp "$at/node-wal" "$0-wal"
                    exit $code
                    """
                return ["/usr/bin/unshare", "-Urm", "/bin/sh", "-c", script, path]
            }
        ),
    ]

    /// Whether a fault can be brought about here.
    private static func isPossible(_ fault: Fault) -> Bool {
        let trial = Process()
        trial.executableURL = URL(fileURLWithPath: "/bin/sh")
        let command =
            switch fault.tool {
            case "/usr/bin/strace": "strace -qq -o /dev/null true"
            case "/usr/bin/unshare":
                "unshare -Urm sh -c 'd=$(mktemp -d); mount -t tmpfs -o size=64k x $d'"
            default: "prlimit --version"
            }
        trial.arguments = ["-c", command + " >/dev/null 2>&1"]
        do { try trial.run() } catch { return false }
        trial.waitUntilExit()
        return trial.terminationStatus == 0
    }

    @Test(arguments: faults) func aDiskThatFailsStopsTheNodeAndLosesNothing(
        _ fault: Fault
    ) throws {
        guard Self.isPossible(fault) else {
            #expect(
                ProcessInfo.processInfo.environment["CI"] == nil,
                "\(fault.tool) is needed; run .ci/packages"
            )
            print("SKIPPED, LOUDLY: no \(fault.tool) here; not tried: \(fault.name)")
            return
        }
        let region = try Region.shared()
        try region.end(fault.node)
        let path = "\(region.directory)/\(fault.node).sqlite"
        let process = try region.start(fault.node, under: fault.wrapper(path))
        var accepted: [UUIDv4] = []
        // Until it ends; what is asked meanwhile may fail with it.
        try region.until("the end of the node whose disk fails") {
            do { accepted.append(try region.begin(.usual)) } catch {}
            return !process.isRunning
        }
        process.waitUntilExit()
        #expect(process.terminationStatus == 70)
        let log = try region.log(ofEnded: fault.node)
        let stops = log.split(separator: "\n").filter { $0.contains("stopping: ") }
        #expect(stops.count == 1, "\(log)")
        for words in fault.said { #expect(stops.first?.contains(words) == true, "\(stops)") }
        region.forget(fault.node)
        try region.start(fault.node)
        #expect(!accepted.isEmpty)
        for uetr in accepted {
            let ending = try region.ending(.usual, uetr)
            #expect(["completed", "rejected"].contains(ending.state), "\(uetr): \(ending)")
            try region.settle(uetr)
        }
        let (uetr, ending) = try region.pay(.usual)
        #expect(ending.state == "completed")
        try region.settle(uetr)
        try region.expectLawful()
    }
}

import Glibc
import SelatJSON
import SelatNode
import SelatRuntime
import SelatSQLite
import SelatTLS
import SelatTime

/// Looks at everything a region needs, and changes nothing.
struct Examination {
    let directory: String
    let topology: Topology
    let ready: ReadyFile?
    let now: Instant

    /// A certificate with less than this left is worth a word.
    private static let margin = Duration.seconds(30 * 86_400)
    /// Clocks that differ by more than this make deadlines unfair. Rulebook: Timeouts.
    private static let tolerance = Duration.seconds(1)

    /// Every finding, area by area.
    func findings() -> [Finding] {
        machine() + [files()] + certificates() + ports() + databases() + nodes()
    }

    private func isRunning(_ node: String) -> Bool {
        ready?.nodes.contains { $0.node == node && $0.process.isRunning } ?? false
    }

    // MARK: Machine

    private func machine() -> [Finding] {
        var findings = [
            Finding("machine", .ok, "\(sysconf(Int32(_SC_NPROCESSORS_ONLN))) processors")
        ]
        var limit = rlimit()
        unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        if limit.rlim_cur < 1024 {
            findings.append(
                Finding(
                    "machine",
                    .warning,
                    "\(limit.rlim_cur) open files allowed",
                    remedy: "raise it: ulimit -n 1024"
                )
            )
        }
        findings.append(disk())
        return findings
    }

    private func disk() -> Finding {
        var system = statvfs()
        let isThere = unsafe statvfs(directory, &system) == 0 || statvfs(".", &system) == 0
        guard isThere else {
            return Finding(
                "machine",
                .warning,
                "the free space for \(directory) can not be read",
                remedy: "check the path"
            )
        }
        let megabytes = (UInt64(system.f_bavail) * UInt64(system.f_frsize)) >> 20
        guard megabytes < 1024 else {
            return Finding("machine", .ok, "\(megabytes / 1024) GiB free for \(directory)")
        }
        return Finding(
            "machine",
            megabytes < 100 ? .failure : .warning,
            "\(megabytes) MiB free for \(directory)",
            remedy: "make room: a node whose disk is full stops"
        )
    }

    private func files() -> Finding {
        var information = stat()
        guard unsafe stat(directory, &information) == 0 else {
            return Finding("data", .ok, "\(directory) is not there yet: 'selat up' makes it")
        }
        guard information.st_mode & 0o077 == 0 else {
            return Finding(
                "data",
                .warning,
                "others may enter \(directory), where keys and names are",
                remedy: "chmod 700 \(directory)"
            )
        }
        return Finding("data", .ok, "\(directory) is its owner's only")
    }

    // MARK: Certificates

    private func certificates() -> [Finding] {
        let authority = CertificateAuthority(directory: "\(directory)/pki")
        guard unsafe access(authority.certificateFile, F_OK) == 0 else {
            return [Finding("certificates", .ok, "none yet: 'selat up' makes them")]
        }
        var problems: [Finding] = []
        for node in topology.nodes {
            do throws(TLSError) {
                let files = authority.credentials(for: node.node)
                _ = try CredentialStore(credentials: files)
                let summary = try CertificateAuthority.show(files.certificateChainFile)
                problems += certificateProblems(summary, node)
            } catch {
                problems.append(
                    Finding(
                        "certificates",
                        .failure,
                        "\(node.node): \(error)",
                        remedy: "selat certificates issue \(node.node) --data \(directory)"
                    )
                )
            }
        }
        guard problems.isEmpty else { return problems }
        return [
            Finding("certificates", .ok, "\(topology.nodes.count) nodes have theirs, all valid")
        ]
    }

    private func certificateProblems(
        _ summary: CertificateSummary,
        _ node: NodeConfiguration
    ) -> [Finding] {
        let remedy = "selat certificates issue \(node.node) --data \(directory)"
        let role = node.kindName.certificateRole
        if summary.identity?.nodeID != node.node || summary.identity?.role != role {
            let found = summary.identity.map { "\($0.nodeID), role \($0.role ?? "none")" }
            return [
                Finding(
                    "certificates",
                    .failure,
                    "\(node.node): expected role \(role), found \(found ?? "no node")",
                    remedy: remedy + " --role \(role)"
                )
            ]
        }
        if summary.notBefore > now {
            return [
                Finding(
                    "certificates",
                    .failure,
                    "\(node.node): valid only from \(summary.notBefore) on",
                    remedy: "set this machine's clock"
                )
            ]
        }
        guard summary.notAfter < now + Examination.margin else { return [] }
        return [
            Finding(
                "certificates",
                summary.notAfter < now ? .failure : .warning,
                "\(node.node): valid until \(summary.notAfter.date)",
                remedy: remedy
            )
        ]
    }

    // MARK: Ports

    private func ports() -> [Finding] {
        do throws(RuntimeError) {
            let endpoints = try Endpoints.read(in: directory)
            var problems: [Finding] = []
            for node in topology.nodes where !isRunning(node.node) {
                guard let endpoint = endpoints[node.node], !Ports.isFree(endpoint.port) else {
                    continue
                }
                problems.append(
                    Finding(
                        "ports",
                        .failure,
                        "\(node.node): port \(endpoint.port) is another program's",
                        remedy: "end it, or remove \(Endpoints.file(in: directory)) to choose anew"
                    )
                )
            }
            return problems.isEmpty
                ? [Finding("ports", .ok, "free, or held by the nodes themselves")] : problems
        } catch {
            return [
                Finding(
                    "ports",
                    .failure,
                    "\(error)",
                    remedy: "remove \(Endpoints.file(in: directory)) to choose anew"
                )
            ]
        }
    }

    // MARK: Databases

    private func databases() -> [Finding] {
        var problems: [Finding] = []
        var count = 0
        for node in topology.nodes {
            let path = NodeFiles(directory: directory, node: node.node).database
            guard unsafe access(path, F_OK) == 0 else { continue }
            do throws(StoreError) {
                _ = try SQLiteReader(path: path).archives()
                count += 1
            } catch {
                problems.append(
                    Finding(
                        "databases",
                        .failure,
                        "\(path): \(error)",
                        remedy: "never remove it while payments are open"
                    )
                )
            }
        }
        return problems.isEmpty
            ? [Finding("databases", .ok, "\(count) of this program's schema, their archives there")]
            : problems
    }

    // MARK: Nodes

    private func nodes() -> [Finding] {
        guard ready != nil else {
            return [Finding("nodes", .ok, "none runs: 'selat up' starts them")]
        }
        var problems: [Finding] = []
        for node in topology.nodes {
            let files = NodeFiles(directory: directory, node: node.node)
            guard isRunning(node.node) else {
                problems.append(
                    Finding(
                        "nodes",
                        .failure,
                        "\(node.node) does not run",
                        remedy: "see \(files.log), then 'selat up --detach --data \(directory)'"
                    )
                )
                continue
            }
            do {
                let client = try OperatorClient(socket: files.socket, patience: .seconds(5))
                let asked = WallClock.now()
                let body = try client.call("status", of: OperatorProtocol.node).checked()
                let status = try NodeStatus(body)
                problems += try nodeProblems(status, askedAt: asked, log: files.log)
            } catch {
                problems.append(Finding("nodes", .failure, "\(node.node): \(error)"))
            }
        }
        return problems.isEmpty
            ? [
                Finding(
                    "nodes",
                    .ok,
                    "\(topology.nodes.count) run, their links stand, their clocks agree"
                )
            ] : problems
    }

    private func nodeProblems(
        _ status: NodeStatus,
        askedAt asked: Instant,
        log: String
    ) throws -> [Finding] {
        var problems = status.missingLinks(besides: topology.attached).map { link in
            Finding(
                "nodes",
                .failure,
                "\(status.node) has no link with \(link.node), "
                    + "\(link.undelivered) messages wait",
                remedy: "see \(log) for why it is refused"
            )
        }
        let clock = try status.body.cursor.member("now").parsed("a UTC time", Instant.init(_:))
        // The answer was made between the question and now.
        let answered = WallClock.now()
        if clock < asked - Examination.tolerance || clock > answered + Examination.tolerance {
            problems.append(
                Finding(
                    "nodes",
                    .failure,
                    "\(status.node) lives at \(clock), this machine at \(answered)",
                    remedy:
                        "let a time service keep the clock; a node's time never runs back, so it "
                        + "waits until the clock has caught up"
                )
            )
        }
        return problems
    }
}

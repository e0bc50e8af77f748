import Glibc
import Logging
import NIOCore
import NIOPosix
import SelatAudit
import SelatJSON
import SelatMoney
import SelatNode
import SelatRuntime
import SelatSQLite
import SelatScheme
import SelatStorage
import SelatTLS
import SelatTime

/// The seven nodes of Nodes/topologies/strait.yaml in one process, as `selat up` would start them:
/// their own files, certificates, databases and event loops, linked over loopback TLS.
final class StraitRegion {
    let directory: String
    let topology: Topology
    private let group: MultiThreadedEventLoopGroup
    private var nodes: [String: RunningNode] = [:]

    /// `before` is called when there are certificates and no node has ever started.
    init(before: (StraitRegion) throws -> Void = { _ in }) throws {
        topology = try Topology.read(file: TopologyTests.folder + "topologies/strait.yaml")
        var random = SystemRandomNumberGenerator()
        directory = "/tmp/selat-strait-\(String(random.next(), radix: 36))"
        group = MultiThreadedEventLoopGroup(numberOfThreads: topology.nodes.count)
        guard unsafe mkdir(directory, 0o700) == 0 else {
            throw RuntimeError.file(
                directory,
                line: 0,
                got: "cannot be made",
                remedy: "look at /tmp"
            )
        }
        let now = Instant(nanoseconds: Int64(time(nil)) * 1_000_000_000)
        let authority = try CertificateAuthority.create(
            at: directory + "/pki",
            name: "Strait",
            now: now
        )
        for node in topology.nodes {
            let role = node.kindName.certificateRole
            _ = try authority.issue(CertificateRequest(nodeID: node.node, role: role), now: now)
        }
        try before(self)
        for node in topology.nodes { try start(node.node) }
    }

    deinit {
        for name in nodes.keys { _ = try? stop(name) }
        try? group.syncShutdownGracefully()
        TestRegion.remove(directory)
    }

    /// Starts a node; where it listens is chosen the first time and kept.
    func start(_ name: String) throws {
        guard let configuration = topology.node(name) else { return }
        var endpoints = try Endpoints.read(in: directory)
        if endpoints[name] == nil, configuration.listen != nil {
            endpoints[name] = Endpoint(host: "127.0.0.1", port: 0)
            try endpoints.write(in: directory)
        }
        let logger = Logger(label: name) { _ in SwiftLogNoOpLogHandler() }
        let plan = try NodeRuntime(configuration, directory: directory, logger: logger).plan()
        let running = try RunningNode.start(plan, on: group.next()).wait()
        nodes[name] = running
        endpoints[name] = try running.ready.wait()
        try endpoints.write(in: directory)
    }

    @discardableResult
    func stop(_ name: String) throws -> NodeEnd? {
        guard let running = nodes.removeValue(forKey: name) else { return nil }
        running.stop("the test asked for it")
        return try running.ended.wait()
    }

    /// A fresh key and certificate, as `selat certificates issue` makes them.
    func renewCertificate(of name: String) throws {
        guard let configuration = topology.node(name) else { return }
        _ = try CertificateAuthority(directory: directory + "/pki").issue(
            CertificateRequest(nodeID: name, role: configuration.kindName.certificateRole),
            now: Instant(nanoseconds: Int64(time(nil)) * 1_000_000_000)
        )
    }

    /// As SIGHUP does.
    func reload(_ name: String) throws { nodes[name]?.reload() }

    func client(_ node: String) throws(RuntimeError) -> OperatorClient {
        try OperatorClient(socket: NodeFiles(directory: directory, node: node).socket)
    }

    /// Asks again until it is so; each question is a round trip through a node.
    func until(_ limit: Int = 200_000, _ isSo: () throws -> Bool) throws -> Bool {
        for _ in 0..<limit where try isSo() { return true }
        return false
    }

    /// Every link of every node is up.
    func isLinked() throws -> Bool {
        try nodes.keys.allSatisfy { name in
            let status = try client(name).call("status", of: OperatorProtocol.node)
            return try status.body.cursor.elements("links").allSatisfy { link in
                try link.bool("up") || topology.attached.contains(link.string("node"))
            }
        }
    }

    /// All that the nodes have stored.
    func dumps() throws -> [String: NodeDump] {
        var dumps: [String: NodeDump] = [:]
        for node in topology.nodes {
            let files = NodeFiles(directory: directory, node: node.node)
            dumps[node.node] = try SQLiteReader(path: files.database).dump()
        }
        return dumps
    }
}

/// One Sender's way through the scheme: quotes, choice, order, outcome.
struct TestPayment {
    let region: StraitRegion
    /// The node that hosts the debtor agent.
    let node: String
    let debtorAgent: PartyID
    let uetr: UUIDv4
    /// The body of `pay`; absent when the provider made no quote.
    private(set) var body: JSONValue?

    /// Asks the hub for quotes and takes the provider's.
    static func quoted(
        in region: StraitRegion,
        node: String,
        debtor: (agent: String, account: String),
        creditor: (agent: String, account: String),
        amount: Money,
        to currency: Currency,
        provider: String,
        priority: String = "NORM",
        seed: UInt64
    ) throws -> TestPayment {
        let agent = PartyID(checked: debtor.agent)
        var payment = TestPayment(
            region: region,
            node: node,
            debtorAgent: agent,
            uetr: UUIDv4(Seed(high: seed, low: 0x5E1A))
        )
        let client = try region.client(node)
        let fee = try client.call(
            "fee",
            of: agent,
            ["amount": .string(amount.amountText), "currency": .string(amount.currency.code)]
        )
        let deducted = try Decimal(fee.body.cursor.member("sourceFee").string("amount"))
        guard let deducted else { throw JSONError.missing(path: "amount", expected: "a decimal") }
        let net = amount - (try Money(deducted, currency: amount.currency))
        let quotes = try client.call(
            "quotes",
            of: .hub,
            as: agent,
            [
                "sourceCountry": .string(String(debtor.agent.dropFirst(4).prefix(2))),
                "sourceCurrency": .string(amount.currency.code),
                "destinationCountry": .string(String(creditor.agent.dropFirst(4).prefix(2))),
                "destinationCurrency": .string(currency.code),
                "amountCurrency": .string(amount.currency.code),
                "amount": .string(net.amountText),
                "finInstIdType": "BICFI",
                "finInstId": .string(debtor.agent),
            ]
        )
        guard quotes.status == 200,
            let quote = try quotes.body.cursor.elements("quotes")
                .first(where: { try $0.string("fxpFinInstId") == provider })
        else { return payment }
        payment.body = [
            "uetr": .string(payment.uetr.description),
            "debtorAccount": .string(debtor.account),
            "quote": quote.value,
            "debtorAccountAmount": [
                "amount": .string(amount.amountText),
                "currency": .string(amount.currency.code),
            ],
            "creditor": [
                "name": "Kanokwan Srisuwan",
                "account": .string(creditor.account),
                "agent": .string(creditor.agent),
            ],
            "priority": .string(priority),
        ]
        return payment
    }

    /// Orders the payment; the debtor agent's answer, `nil` without a quote or when the node died.
    func order() throws -> OperatorClient.Answer? {
        guard let body else { return nil }
        do throws(RuntimeError) {
            return try region.client(node).call("pay", of: debtorAgent, body)
        } catch {
            guard case .operatorChannel = error else { throw error }
            return nil
        }
    }

    /// What the debtor agent says of the payment.
    func describe() throws -> OperatorClient.Answer {
        let body: JSONValue = ["uetr": .string(uetr.description)]
        return try region.client(node).call("payment", of: debtorAgent, body)
    }

    /// The final state's word, once there is one; `unknown` when the debtor agent never heard of
    /// the payment.
    func outcome() throws -> String? {
        var state: String?
        let isFinal = try region.until {
            let answer = try describe()
            guard answer.status == 200 else {
                state = "unknown"
                return true
            }
            state = try answer.body.cursor.string("state")
            return ["completed", "blocked", "rejected"].contains(state)
        }
        return isFinal ? state : nil
    }
}

import NIOCore
import SelatTLS

/// A client and a server engine on one thread, their bytes carried by hand.
struct EnginePair: ~Copyable {
    var client: TLSEngine
    var server: TLSEngine
    var clientSaw = Observed()
    var serverSaw = Observed()

    /// Everything one end was told.
    struct Observed: Equatable {
        var established: PeerIdentity?
        var plaintext: [UInt8] = []
        var end: TLSEnd?
    }

    init(
        client: TLSCredentials,
        server: TLSCredentials,
        clientAdmits: AdmittedPeers = AdmittedPeers(dialling: "hub", role: "hub"),
        serverAdmits: AdmittedPeers = AdmittedPeers(roles: ["ips-sg": "ips"])
    ) throws {
        let dialler = try TLSContext(credentials: client, role: .client)
        let listener = try TLSContext(credentials: server, role: .server)
        try self.init(dialler, listener, clientAdmits, serverAdmits)
    }

    private init(
        _ dialler: TLSContext,
        _ listener: TLSContext,
        _ clientAdmits: AdmittedPeers,
        _ serverAdmits: AdmittedPeers
    ) throws {
        let client = try TLSEngine(context: dialler, judge: clientAdmits.verdict)
        let server = try TLSEngine(context: listener, judge: serverAdmits.verdict)
        self.client = client
        self.server = server
    }

    /// Handshakes and runs until both ends have nothing to say; `cut` bytes at a time.
    mutating func run(cut: Int = .max) {
        var towardsServer = ByteBuffer()
        var towardsClient = ByteBuffer()
        EnginePair.note(client.start(), &clientSaw, &towardsServer)
        EnginePair.note(server.start(), &serverSaw, &towardsClient)
        settle(&towardsServer, &towardsClient, cut)
    }

    mutating func clientSends(_ bytes: [UInt8], cut: Int = .max) {
        var towardsServer = ByteBuffer()
        var towardsClient = ByteBuffer()
        EnginePair.note(client.send(bytes.span), &clientSaw, &towardsServer)
        settle(&towardsServer, &towardsClient, cut)
    }

    mutating func serverSends(_ bytes: [UInt8], cut: Int = .max) {
        var towardsServer = ByteBuffer()
        var towardsClient = ByteBuffer()
        EnginePair.note(server.send(bytes.span), &serverSaw, &towardsClient)
        settle(&towardsServer, &towardsClient, cut)
    }

    mutating func clientCloses() {
        var towardsServer = ByteBuffer()
        var towardsClient = ByteBuffer()
        EnginePair.note(client.close(), &clientSaw, &towardsServer)
        settle(&towardsServer, &towardsClient, .max)
    }

    mutating func settle(
        _ towardsServer: inout ByteBuffer,
        _ towardsClient: inout ByteBuffer,
        _ cut: Int
    ) {
        while towardsServer.readableBytes + towardsClient.readableBytes > 0 {
            if let bytes = towardsServer.readSlice(length: min(cut, towardsServer.readableBytes)) {
                EnginePair.note(server.receive(bytes), &serverSaw, &towardsClient)
            }
            if let bytes = towardsClient.readSlice(length: min(cut, towardsClient.readableBytes)) {
                EnginePair.note(client.receive(bytes), &clientSaw, &towardsServer)
            }
        }
    }

    static func note(_ step: TLSStep, _ observed: inout Observed, _ wire: inout ByteBuffer) {
        if let ciphertext = step.ciphertext { wire.writeImmutableBuffer(ciphertext) }
        if let identity = step.established { observed.established = identity }
        if let plaintext = step.plaintext {
            observed.plaintext += Array(plaintext.readableBytesView)
        }
        if let end = step.end { observed.end = end }
    }
}

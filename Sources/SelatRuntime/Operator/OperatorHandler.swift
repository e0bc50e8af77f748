import NIOCore
import SelatJSON
import SelatNode
import SelatScheme
import SelatWire

/// One request of the operator's: of one connection, or of code in this process.
struct OperatorCall {
    private enum Origin {
        case connection(OperatorHandler, correlation: UInt64)
        case local((Reply) -> Void)
    }

    private let origin: Origin

    init(_ handler: OperatorHandler, correlation: UInt64) {
        origin = .connection(handler, correlation: correlation)
    }

    init(_ answer: @escaping (Reply) -> Void) { origin = .local(answer) }

    /// One answer; with status 206 others follow.
    func answer(_ status: UInt16, _ body: JSONValue) {
        answer(Reply(request: RequestID(0), status: status, body: body))
    }

    /// The answer of a party, or of the node itself.
    func answer(_ reply: Reply) {
        switch origin {
        case .connection(let handler, let correlation): handler.answer(correlation, reply)
        case .local(let answer): answer(reply)
        }
    }

    /// Whether the answer would go over this connection.
    func isOf(_ handler: OperatorHandler) -> Bool {
        switch origin {
        case .connection(let own, _): own === handler
        case .local: false
        }
    }
}

/// One connection to the node's own socket: the frames of a link, without TLS, for whom the file
/// permissions let in. Specs/Protocol/Operator.md.
final class OperatorHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Answers that one connection may be owed.
    static let openRequests = 4096

    private enum Phase {
        case awaitingHello
        case greeted
        case closed
    }

    private let driver: NodeDriver
    private var decoder: FrameDecoder
    private var phase = Phase.awaitingHello
    private var open: Set<UInt64> = []
    private var context: ChannelHandlerContext?

    init(_ driver: NodeDriver) {
        self.driver = driver
        decoder = FrameDecoder(limit: driver.plan.wireLimits.frame)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        driver.operators[ObjectIdentifier(self)] = self
        if let name = NodeName(driver.plan.node) { write(.hello(.operatorChannel(from: name))) }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        phase = .closed
        driver.forget(self)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        let bytes = buffer.readableBytesUInt8Span
        var place = 0
        do {
            while phase != .closed, let frame = try decoder.next(bytes, from: &place) {
                accept(frame)
            }
        } catch {
            refuse(error.goodbyeReason, error.description)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    /// Answers a request, unless its connection is gone.
    func answer(_ correlation: UInt64, _ reply: Reply) {
        guard phase == .greeted, open.contains(correlation) else { return }
        if reply.status != OperatorProtocol.more { open.remove(correlation) }
        var (status, payload) = (reply.status, reply.text)
        if payload.count > driver.plan.wireLimits.responsePayload {
            status = 413
            payload = Array(#"{"error":"the answer is longer than a frame"}"#.utf8)
        }
        write(
            .response(ResponseFrame(correlation: correlation, status: status, payload: payload))
        )
    }

    func close() {
        guard phase != .closed else { return }
        write(.goodbye(GoodbyeFrame(reason: .shutdown, text: "the node stops")))
        phase = .closed
        context?.close(promise: nil)
    }

    private func accept(_ frame: Frame) {
        switch (phase, frame) {
        case (.awaitingHello, .hello): phase = .greeted
        case (.greeted, .request(let request)): accept(request)
        case (.greeted, .ping(let nonce)): write(.pong(nonce: nonce))
        case (_, .goodbye):
            phase = .closed
            context?.close(promise: nil)
        case (.closed, _): break
        case (.awaitingHello, let frame):
            refuse(.protocolViolation, "expected a hello first, got a \(frame.type) frame")
        case (.greeted, let frame):
            refuse(.protocolViolation, "the operator's channel takes no \(frame.type) frame")
        }
    }

    private func accept(_ request: RequestFrame) {
        guard open.count < OperatorHandler.openRequests else {
            return refuse(.protocolViolation, "more than \(OperatorHandler.openRequests) requests")
        }
        guard open.insert(request.correlation).inserted else {
            return refuse(.protocolViolation, "request \(request.correlation) is open already")
        }
        let call = OperatorCall(self, correlation: request.correlation)
        do {
            let body = try JSONCursor(parsing: request.payload)
            driver.asked(
                call,
                from: PartyID(checked: request.from.text),
                to: PartyID(checked: request.to.text),
                request.operation.text,
                body
            )
        } catch {
            call.answer(400, ["error": .string("\(error)")])
        }
    }

    private func refuse(_ reason: GoodbyeReason, _ text: String) {
        write(.goodbye(GoodbyeFrame(reason: reason, text: text)))
        phase = .closed
        context?.close(promise: nil)
    }

    private func write(_ frame: Frame) {
        guard let context else { return }
        var bytes: [UInt8] = []
        FrameEncoder.append(frame, to: &bytes)
        context.writeAndFlush(
            wrapOutboundOut(context.channel.allocator.buffer(bytes: bytes)),
            promise: nil
        )
    }
}

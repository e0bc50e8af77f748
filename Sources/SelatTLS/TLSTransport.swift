import COpenSSL
import NIOCore

// SAFETY: a BIO lends its owner to the callbacks below, which OpenSSL calls only within a call of
// the engine's, on its loop. The engine keeps the transport longer than the `SSL` that owns the BIO.

/// Memory for what the connections of one loop encrypt and decrypt, used again and again: what the
/// last step wrote is still in the processor's cache, and a buffer from elsewhere is not.
package final class TLSBuffers {
    var ciphertext = KeptBuffer()
    var plaintext = KeptBuffer()

    package init() {}
}

/// A buffer that is kept while others still hold it: let go of by them, it is taken again; until
/// then the next one is new.
struct KeptBuffer {
    /// More is not kept, in bytes: a busy batch takes less.
    private static let largest = 1 << 20

    private var kept = ByteBuffer()

    /// Empty, with room for that many bytes.
    mutating func take(_ count: Int) -> ByteBuffer {
        var taken = ByteBuffer()
        swap(&taken, &kept)
        taken.clear(minimumCapacity: count)
        return taken
    }

    mutating func keep(_ buffer: ByteBuffer) {
        if buffer.storageCapacity <= KeptBuffer.largest { kept = buffer }
    }
}

/// What OpenSSL takes for a socket: it reads from what was received, where that lies, and writes
/// behind what is to be sent.
final class TLSTransport {
    private let buffers: TLSBuffers
    private var input = ByteBuffer()
    private var output = ByteBuffer()

    init(_ buffers: TLSBuffers) { self.buffers = buffers }

    /// A BIO for the one `SSL` that this serves; `nil` without memory for it.
    func makeBIO() -> OpaquePointer? {
        guard let method = unsafe TLSTransport.method.pointer, let bio = unsafe BIO_new(method)
        else { return nil }
        unsafe BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
        unsafe BIO_set_init(bio, 1)
        return unsafe bio
    }

    /// Bytes of the peer, to be read after those that are still unread.
    func feed(_ bytes: ByteBuffer) {
        guard input.readableBytes > 0 else {
            input = bytes
            return
        }
        var bytes = bytes
        input.writeBuffer(&bytes)
    }

    /// OpenSSL has read all that was fed.
    var isRead: Bool { input.readableBytes == 0 }

    /// Makes room for that many bytes.
    func expectOutput(_ count: Int) {
        if output.readableBytes == 0 { output = buffers.ciphertext.take(count) }
    }

    /// What OpenSSL has written since the last time.
    func takeOutput() -> ByteBuffer? {
        guard output.readableBytes > 0 else { return nil }
        defer { output = ByteBuffer() }
        buffers.ciphertext.keep(output)
        return output
    }

    // MARK: What OpenSSL calls

    fileprivate func read(into bytes: UnsafeMutableRawBufferPointer) -> Int {
        let count = unsafe input.readWithUnsafeReadableBytes { unread in
            let count = min(unread.count, bytes.count)
            unsafe bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: unread[..<count]))
            return count
        }
        // Let go of, the buffer serves the next read of the socket.
        if input.readableBytes == 0 { input = ByteBuffer() }
        return count
    }

    fileprivate func write(_ bytes: UnsafeRawBufferPointer) { unsafe output.writeBytes(bytes) }

    fileprivate static func of(_ bio: OpaquePointer) -> TLSTransport? {
        guard let owner = unsafe BIO_get_data(bio) else { return nil }
        return unsafe Unmanaged<TLSTransport>.fromOpaque(owner).takeUnretainedValue()
    }

    private static let method = BIOMethod()
}

/// How OpenSSL calls a `TLSTransport`. Made once and never freed.
@safe
private struct BIOMethod: @unchecked Sendable {
    let pointer: OpaquePointer?

    init() {
        unsafe pointer = unsafe BIO_meth_new(
            BIO_get_new_index() | BIO_TYPE_SOURCE_SINK,
            "a link's transport"
        )
        guard let method = unsafe pointer else { return }
        unsafe BIO_meth_set_read(method) { bio, bytes, count in
            guard let bio = unsafe bio, let transport = unsafe TLSTransport.of(bio), count > 0
            else { return -1 }
            unsafe BIO_clear_flags(bio, retryFlags)
            let read = unsafe transport.read(
                into: UnsafeMutableRawBufferPointer(start: bytes, count: Int(count))
            )
            guard read == 0 else { return Int32(read) }
            // More may come.
            unsafe BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
            return -1
        }
        unsafe BIO_meth_set_write(method) { bio, bytes, count in
            guard let bio = unsafe bio, let transport = unsafe TLSTransport.of(bio), count > 0
            else { return -1 }
            unsafe BIO_clear_flags(bio, retryFlags)
            unsafe transport.write(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
            return count
        }
        // Nothing is held back, so a flush is done at once; anything else is not offered.
        unsafe BIO_meth_set_ctrl(method) { _, command, _, _ in
            command == BIO_CTRL_FLUSH ? 1 : 0
        }
    }
}

private let retryFlags =
    BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_IO_SPECIAL | BIO_FLAGS_SHOULD_RETRY

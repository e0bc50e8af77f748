import COpenSSL
import SelatTime

// SAFETY: each handle owns exactly one reference to one OpenSSL object, is not copyable, and frees
// it once. Pointers OpenSSL lends out (`get0`) are used only while their owner is alive, inside
// one function.

/// One reference to an `X509`.
@safe
struct Certificate: ~Copyable {
    let pointer: OpaquePointer

    /// Takes over one reference.
    init?(owning pointer: OpaquePointer?) {
        guard let pointer = unsafe pointer else { return nil }
        unsafe self.pointer = unsafe pointer
    }

    deinit { unsafe X509_free(pointer) }
}

/// One reference to an `EVP_PKEY`.
@safe
struct PrivateKey: ~Copyable {
    let pointer: OpaquePointer

    init?(owning pointer: OpaquePointer?) {
        guard let pointer = unsafe pointer else { return nil }
        unsafe self.pointer = unsafe pointer
    }

    deinit { unsafe EVP_PKEY_free(pointer) }
}

/// One reference to an `X509_CRL`.
@safe
struct RevocationList: ~Copyable {
    let pointer: OpaquePointer

    init?(owning pointer: OpaquePointer?) {
        guard let pointer = unsafe pointer else { return nil }
        unsafe self.pointer = unsafe pointer
    }

    deinit { unsafe X509_CRL_free(pointer) }
}

/// A memory BIO outside any `SSL`: for PEM text.
@safe
struct MemoryBIO: ~Copyable {
    let pointer: OpaquePointer

    init?() {
        guard let pointer = unsafe BIO_new(BIO_s_mem()) else { return nil }
        unsafe self.pointer = unsafe pointer
    }

    /// Holding a copy of `bytes`; `nil` without memory for them.
    init?(_ bytes: [UInt8]) {
        guard let pointer = unsafe BIO_new(BIO_s_mem()) else { return nil }
        let written = unsafe bytes.withUnsafeBytes { bytes in
            unsafe BIO_write(pointer, bytes.baseAddress, Int32(clamping: bytes.count))
        }
        guard written == bytes.count else {
            unsafe BIO_free(pointer)
            return nil
        }
        unsafe self.pointer = unsafe pointer
    }

    /// Everything not read yet.
    func readAll() -> [UInt8] {
        let count = unsafe Int(BIO_ctrl_pending(pointer))
        return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            let read = unsafe BIO_read(pointer, buffer.baseAddress, Int32(clamping: count))
            initialized = max(0, Int(read))
        }
    }

    deinit { unsafe BIO_free(pointer) }
}

/// The calling thread's OpenSSL error queue.
///
/// It is shared by every connection of an event loop, so it is cleared before each call whose
/// outcome is read from it.
enum OpenSSLErrorQueue {
    /// It is empty nearly always, and looking costs less than clearing.
    static func clear() {
        if ERR_peek_error() != 0 { ERR_clear_error() }
    }

    /// The codes queued, oldest first; the queue is empty afterwards.
    static func drain() -> [UInt] {
        var codes: [UInt] = []
        while true {
            let code = ERR_get_error()
            guard code != 0, codes.count < 16 else { break }
            codes.append(code)
        }
        ERR_clear_error()
        return codes
    }

    /// The queue as one printable line; the queue is empty afterwards.
    static func drainDescription() -> String {
        let reasons = drain().map(reason)
        return reasons.isEmpty ? "no reason" : reasons.joined(separator: ", ")
    }

    /// OpenSSL's words for one code, `certificate verify failed`.
    static func reason(_ code: UInt) -> String {
        guard let text = unsafe ERR_reason_error_string(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }
}

extension Instant {
    /// Whole seconds of an `ASN1_TIME`; `nil` if it is none.
    init?(_ time: UnsafePointer<ASN1_TIME>?) {
        var fields = unsafe tm()
        guard let time = unsafe time, unsafe ASN1_TIME_to_tm(time, &fields) == 1 else {
            return nil
        }
        let (year, month, day) = unsafe (fields.tm_year, fields.tm_mon, fields.tm_mday)
        let (hour, minute, second) = unsafe (fields.tm_hour, fields.tm_min, fields.tm_sec)
        guard
            let date = CalendarDate(year: Int(year) + 1900, month: Int(month) + 1, day: Int(day))
        else { return nil }
        let seconds =
            Int64(date.daysSince1970) * 86_400 + Int64(hour) * 3600 + Int64(minute) * 60
            + Int64(second)
        let (nanoseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        self.init(nanoseconds: overflow ? (seconds < 0 ? .min : .max) : nanoseconds)
    }

    /// Seconds since 1970, cut towards 1970.
    var wholeSeconds: Int { Int(nanoseconds / 1_000_000_000) }
}

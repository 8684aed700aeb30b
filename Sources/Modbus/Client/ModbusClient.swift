import Glibc
import Platform

/// One link to devices that are only read: connects, asks, and takes no answer that is not one to its request.
///
/// For one thread, which it blocks; it never connects, retries or waits on its own account beyond the silences of the line.
///
/// ```
/// let client = ModbusClient(
///     endpoint: .tcp(host: "10.1.2.3", port: 502), timing: LinkTiming(timeoutMilliseconds: 1000), wake: WakeSignal())
/// guard client.connect(until: .max) == .connected else { return }
/// let count = try client.read(ReadRequest(unit: 7, function: .holdingRegisters, address: 100, count: 2))
/// let words = client.words[..<count]
/// ```
package final class ModbusClient {
    /// How far a connection has come.
    package enum Connecting: Sendable, Hashable {
        case connected
        case pending
        case failed(ConnectionFault)
    }

    /// Why waiting between requests ended.
    package enum IdleEnd: Sendable, Hashable {
        case late
        case woken
        /// The other side closed, or the device is gone; the descriptor is closed already.
        case closed
    }

    /// Where it connects.
    package let endpoint: ModbusEndpoint
    /// Its waits.
    package let timing: LinkTiming
    /// Characters and silences of a serial line.
    package let lineTiming: LineTiming
    /// The cells of the last answer, in address order; bits as 0 and 1.
    package let words: UnsafeMutableBufferPointer<UInt16>
    /// What came and was not taken.
    package internal(set) var counters = WireCounters()
    /// Nanoseconds from the last request's sending to its answer's last byte.
    package internal(set) var roundTrip: Int64 = 0

    /// What may still come on a serial line.
    package var late: LateAnswers
    /// Who else asks on a serial line.
    package internal(set) var foreign = ForeignMaster()

    /// Nanoseconds that another master's device has at most to answer before anything is asked from here.
    static let courtesy: Int64 = 100_000_000
    /// The request that was sent last on a serial line.
    var lastSent: ReadRequest?
    /// When anything was heard last on a serial line between requests.
    var heardAt: Int64 = 0

    var line: OpenLine?
    /// No request before this moment.
    var quietAt: Int64 = 0
    /// When the line was seen quiet and open last; long ago where something was asked or connected since.
    private var quietSeen: Int64 = .min / 2
    var transaction: UInt16
    let buffer: UnsafeMutableRawBufferPointer
    var filled = 0
    private var dial: SocketDial?
    private let wake: WakeSignal
    private var watch: IdleWatch
    private let lookUp: HostLookUp

    /// A client, not connected.
    ///
    /// - Parameters:
    ///   - wake: Ends connecting and waiting when raised; a request under way is finished.
    ///   - firstTransaction: Where the count of transactions starts.
    ///   - lookUp: Where the addresses of a host come from, at each connection anew.
    package init(
        endpoint: ModbusEndpoint, timing: LinkTiming, wake: WakeSignal, firstTransaction: UInt16 = 0,
        lookUp: @escaping HostLookUp = HostResolution.system
    ) {
        self.lookUp = lookUp
        self.endpoint = endpoint
        self.timing = timing
        self.wake = wake
        watch = IdleWatch(wake: wake)
        if case .serial(let settings) = endpoint, settings.baud > 0 {
            lineTiming = LineTiming(baud: settings.baud)
        } else {
            lineTiming = .unknown
        }
        transaction = firstTransaction
        late = LateAnswers(timeout: timing.timeout)
        // Not touched before an answer needs them: of a thousand links most read few.
        words = .allocate(capacity: 2000)
        buffer = .allocate(byteCount: 2048, alignment: 8)
    }

    deinit {
        words.deallocate()
        buffer.deallocate()
    }

    /// Whether there is a line to ask over.
    package var isConnected: Bool { line != nil }

    /// Whether frames are serial ones, where an answer shows only its shape.
    package var isSerial: Bool {
        if case .tcp = endpoint { false } else { true }
    }

    /// Connects, or goes on connecting, until done, failed, woken or `moment`.
    package func connect(until moment: Int64) -> Connecting {
        if line != nil { return .connected }
        switch endpoint {
        case .serial(let settings):
            do throws(ConnectionFault) {
                line = try OpenLine(opening: settings)
            } catch {
                return .failed(error)
            }
        case .tcp(let host, let port), .rtuOverTCP(let host, let port):
            let dial =
                dial
                ?? SocketDial(
                    host: host, port: port, patience: timing.connectTimeout,
                    userTimeout: Int32(clamping: max(3 * timing.timeout / 1_000_000, 10_000)), lookUp: lookUp)
            self.dial = dial
            switch dial.advance(until: moment, waking: wake.descriptor) {
            case .pending: return .pending
            case .failed(let fault):
                self.dial = nil
                return .failed(fault)
            case .connected(let socket):
                self.dial = nil
                line = OpenLine(socket: socket, serialFrames: isSerial, timeout: timing.timeout)
            }
        }
        if let descriptor = line?.descriptor { watch.add(descriptor) }
        filled = 0
        quietSeen = .min / 2
        quietAt = MonotonicTime.now() + lineTiming.silence + timing.pauseAfterConnect
        return .connected
    }

    /// Lets go of the connection or device.
    package func disconnect() {
        line = nil
        dial = nil
        filled = 0
    }

    /// Whether ``idle(until:)`` has just seen that nothing came and nobody closed, and nothing was asked since.
    package var isQuiet: Bool { MonotonicTime.now() - quietSeen < 1_000_000 }

    /// Waits between requests; what comes meanwhile answers nothing and is drained.
    package func idle(until moment: Int64) -> IdleEnd {
        while true {
            switch watch.wait(line?.descriptor ?? -1, until: moment) {
            case .late:
                quietSeen = MonotonicTime.now()
                return .late
            case .woken: return .woken
            case .hungUp:
                disconnect()
                return .closed
            case .readable:
                do throws(ModbusFailure) {
                    try drain()
                } catch {
                    disconnect()
                    return .closed
                }
            }
        }
    }

    /// Asks and waits for the answer, which then stands in ``words``; returns the number of cells.
    ///
    /// - Throws: Why there is no answer. After `reset` and `linkDown` the connection is closed.
    package func read(_ request: ReadRequest) throws(ModbusFailure) -> Int {
        guard line != nil else { throw .linkDown }
        quietSeen = .min / 2
        if isSerial { try readSerial(request) } else { try readTCP(request) }
        return request.count
    }

    /// Takes the answer's data, which begin there in the buffer, as the cells.
    func take(_ request: ReadRequest, from start: Int) {
        if request.function.isBits {
            for index in 0..<request.count {
                words[index] = UInt16(buffer[start + index / 8] >> UInt8(index % 8)) & 1
            }
        } else {
            for index in 0..<request.count {
                words[index] = UInt16(buffer[start + 2 * index]) << 8 | UInt16(buffer[start + 2 * index + 1])
            }
        }
    }

    /// Reads what there is into the buffer; returns the number of bytes, 0 where none is there yet, or with `waiting` none came
    /// in time.
    func receive(waiting: Bool = false) throws(ModbusFailure) -> Int {
        if filled == buffer.count { return 0 }
        let free = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
        guard let count = line?.receive(into: free, waiting: waiting) else { throw .linkDown }
        if count > 0 {
            filled += count
            if case .rtuOverTCP = endpoint { line?.acknowledge() }
            return count
        }
        if count < 0, errno == EAGAIN || errno == EINTR { return 0 }
        disconnect()
        if case .serial = endpoint { throw .linkDown }
        throw .reset
    }

    /// Forgets the first bytes of the buffer.
    func consume(_ count: Int) {
        guard count > 0 else { return }
        filled -= count
        if filled > 0 {
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[count..<count + filled]))
        }
    }

    /// Waits for the silence before a request; long ones end when woken.
    func keepSilence(until moment: Int64) {
        if moment - MonotonicTime.now() > 5_000_000,
            Readiness.wait(-1, orWaking: wake.descriptor, until: moment - 2_000_000) == .woken, wake.isRaised
        {
            return
        }
        // Only where 0.1 ms is a share of an exchange that counts.
        if lineTiming.character > 0, lineTiming.character < 300_000 {
            Readiness.sleepSharply(until: moment)
        } else {
            Readiness.sleep(until: moment)
        }
    }

    private func drain() throws(ModbusFailure) {
        if isSerial {
            _ = try gatherInput()
        } else {
            _ = try receive()
            var consumed = 0
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<filled])
            guard TCPAnswerScanner.drain(bytes, consumed: &consumed, counters: &counters) else { throw .reset }
            consume(consumed)
        }
    }
}

import Platform

extension ModbusClient {
    /// One exchange on a serial line, fenced off from late answers.
    func readSerial(_ request: ReadRequest) throws(ModbusFailure) {
        if !late.isEmpty { try passLateAnswers(of: request) }
        try exchange(request)
    }

    /// What may still come that could be taken for the answer to this request: it is asked all the same, but behind another
    /// one that cannot be mistaken, and it is better to ask for another number of cells.
    package func awaited(_ request: ReadRequest) -> LateAnswers.Awaited {
        isSerial && !late.isEmpty ? late.awaited(request, now: MonotonicTime.now()) : .nothing
    }

    /// Discards what the line holds; whether there was anything.
    func discardInput() throws(ModbusFailure) -> Bool {
        var any = filled > 0
        repeat {
            if filled > 0 {
                classify(filled)
                filled = 0
            }
            if try receive() > 0 { any = true }
        } while filled > 0
        return any
    }

    /// Makes sure that no late answer can be taken for the one to this request.
    private func passLateAnswers(of request: ReadRequest) throws(ModbusFailure) {
        try waitForSilence()
        let now = MonotonicTime.now()
        guard late.awaited(request, now: now) != .nothing, let fence = late.fence(for: request, now: now) else {
            return
        }
        do throws(ModbusFailure) {
            try exchange(fence)
        } catch .exception {
            // It answered in its turn, which is all that was wanted.
        }
        late.settled(unit: request.unit)
        late.answered(fence, now: MonotonicTime.now())
    }

    private func exchange(_ request: ReadRequest) throws(ModbusFailure) {
        try waitForSilence()
        do throws(ModbusFailure) {
            try line?.send(request, transaction: 0)
        } catch {
            disconnect()
            throw error
        }
        let sent = MonotonicTime.now()
        do throws(ModbusFailure) {
            try awaitAnswer(to: request, sent: sent)
            answered(request, sent: sent)
        } catch .exception(let code) {
            answered(request, sent: sent)
            throw .exception(code)
        } catch {
            let now = MonotonicTime.now()
            late.gaveUp(request, now: now)
            // What is only a little late passes in a longer silence, whatever its shape.
            quietAt = now + max(4 * lineTiming.silence, min(timing.timeout / 2, 50_000_000)) + timing.pause
            throw error
        }
    }

    private func answered(_ request: ReadRequest, sent: Int64) {
        let now = MonotonicTime.now()
        roundTrip = now - sent
        quietAt = now + lineTiming.silence + timing.pause
        if late.isSuspicious(now: now) {
            // Where answers come twice, the second one should pass before anything else is asked.
            quietAt += min(20_000_000, timing.timeout / 4)
        }
        late.answered(request, now: now)
    }

    /// Counts what the first bytes of the buffer are, which answer nothing.
    private func classify(_ count: Int) {
        let before = counters
        let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
        SerialAnswerScanner.classify(bytes, late: late, counters: &counters)
        let came = counters - before
        if came.late + came.foreign > 0 { late.strayed(now: MonotonicTime.now()) }
    }

    private func awaitAnswer(to request: ReadRequest, sent: Int64) throws(ModbusFailure) {
        let deadline = sent + lineTiming.duration(bytes: 8) + timing.timeout
        let scanner = SerialAnswerScanner(request: request)
        // After a whole but spoiled answer nothing more comes; adapters deliver in portions up to 16 ms apart.
        let patience = max(4 * lineTiming.silence, 40_000_000)
        var lastByte = sent
        while true {
            guard let descriptor = line?.descriptor else { throw .linkDown }
            let garbled = scanner.hasGarbledAnswer(UnsafeRawBufferPointer(rebasing: buffer[..<filled]))
            let moment = garbled ? min(deadline, lastByte + patience) : deadline
            guard Readiness.wait(descriptor, until: moment) != .late else {
                throw verdictOnRest(expected: scanner.expectedLength, garbled: garbled)
            }
            if try receive() == 0, filled == buffer.count { throw verdictOnRest(expected: 0, garbled: false) }
            lastByte = MonotonicTime.now()
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<filled])
            let (verdict, start) = scanner.scan(bytes)
            guard verdict != .incomplete else { continue }
            if start > 0 {
                classify(start)
            }
            if case .answered(let data) = verdict { take(request, from: data.lowerBound) }
            // What follows an answer at once is discarded with the silence before the next request.
            let end = if case .answered = verdict { start + scanner.expectedLength } else { start + 5 }
            consume(end)
            if case .exception(let code) = verdict { throw .exception(code) }
            return
        }
    }

    private func verdictOnRest(expected: Int, garbled: Bool) -> ModbusFailure {
        let before = counters
        let rest = filled
        if rest > 0 {
            classify(rest)
            filled = 0
        }
        let came = counters - before
        if garbled { return .crc }
        if came.garbled > 0, rest < expected {
            counters.garbled -= 1
            counters.truncated += 1
            return .timeout
        }
        if came.garbled > 0 { return .crc }
        return came.foreign > 0 ? .frame : .timeout
    }

    /// Waits until the line has been silent as long as it must; what comes meanwhile belongs to nobody.
    func waitForSilence() throws(ModbusFailure) {
        let limit = MonotonicTime.now() + max(timing.timeout, 1_000_000_000)
        while true {
            keepSilence(until: quietAt)
            guard try discardInput() else { return }
            let now = MonotonicTime.now()
            quietAt = max(quietAt, now + lineTiming.silence)
            if now > limit { throw .frame }
        }
    }
}

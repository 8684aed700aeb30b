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

    /// Reads all that the line holds, to be looked at once it is silent; whether there was anything.
    func gatherInput() throws(ModbusFailure) -> Bool {
        var any = false
        while try receive() > 0 {
            any = true
            heardAt = MonotonicTime.now()
            if filled == buffer.count { discard() }
        }
        return any
    }

    /// Counts what the buffer holds, which answers nothing; whether an answer to another master is to be expected behind it.
    @discardableResult
    private func discard() -> Bool {
        defer { filled = 0 }
        return filled > 0 && classify(filled).endsWithRequest
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
            lastSent = request
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
    ///
    /// The answer to another master's request looks like one to a request from here: it is awaited like one that was given up.
    @discardableResult
    private func classify(_ count: Int) -> StrayFrames {
        let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
        let stray = StrayFrames(bytes, sent: lastSent) { [late] in late.isAwaited($0) }
        let now = MonotonicTime.now()
        for frame in stray.frames {
            switch frame {
            case .echo: continue
            case .answer(let shape?) where late.isAwaited(shape): counters.late += 1
            case .answer: counters.foreign += 1
            case .request(let unit, let request):
                counters.foreign += 1
                foreign.asks(unit)
                if let request { late.gaveUp(request, now: now) }
            }
            late.strayed(now: now)
        }
        if stray.hasRubbish { counters.garbled += 1 }
        return stray
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
                throw verdictOnRest(of: request, expected: scanner.expectedLength, garbled: garbled)
            }
            if try receive() == 0, filled == buffer.count {
                throw verdictOnRest(of: request, expected: 0, garbled: false)
            }
            lastByte = MonotonicTime.now()
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<filled])
            let (verdict, start) = scanner.scan(bytes)
            guard verdict != .incomplete else { continue }
            let isException = if case .exception = verdict { true } else { false }
            if start > 0, classify(start).asks(like: request, exception: isException) {
                // Another master asked the same meanwhile: nobody can tell whose answer this is.
                consume(start)
                discard()
                throw .frame
            }
            if case .answered(let data) = verdict { take(request, from: data.lowerBound) }
            // What follows an answer at once is discarded with the silence before the next request.
            let end = if case .answered = verdict { start + scanner.expectedLength } else { start + 5 }
            consume(end)
            if case .exception(let code) = verdict { throw .exception(code) }
            return
        }
    }

    private func verdictOnRest(of request: ReadRequest, expected: Int, garbled: Bool) -> ModbusFailure {
        let rest = filled
        guard rest > 0 else { return garbled ? .crc : .timeout }
        let before = counters
        let stray = classify(rest)
        filled = 0
        let came = counters - before
        if garbled { return .crc }
        if came.garbled > 0, rest < expected {
            counters.garbled -= 1
            counters.truncated += 1
            return .timeout
        }
        if came.garbled > 0 { return .crc }
        guard came.foreign > 0 else { return .timeout }
        let isOwn = stray.frames.contains { frame in
            guard case .answer(let shape?) = frame else { return false }
            return shape.unit == request.unit && shape.function == request.function
        }
        return isOwn && !stray.asks(request.unit) ? .length : .frame
    }

    /// Waits until the line has been silent as long as it must; what comes meanwhile belongs to nobody.
    func waitForSilence() throws(ModbusFailure) {
        let limit = MonotonicTime.now() + max(timing.timeout, 1_000_000_000)
        while true {
            keepSilence(until: quietAt)
            let now = MonotonicTime.now()
            if try gatherInput() {
                quietAt = max(quietAt, now + lineTiming.silence)
                if now > limit {
                    discard()
                    throw .frame
                }
                continue
            }
            guard filled > 0 else { return }
            // What came is whole now. Behind another master's request the line is its device's.
            if discard() { quietAt = heardAt + min(timing.timeout / 2, ModbusClient.courtesy) }
        }
    }
}

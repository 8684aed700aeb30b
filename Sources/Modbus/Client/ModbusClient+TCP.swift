import Platform

extension ModbusClient {
    /// One exchange matched by its transaction.
    func readTCP(_ request: ReadRequest) throws(ModbusFailure) {
        if quietAt > 0 { keepSilence(until: quietAt) }
        if filled > 0, !TCPAnswerScanner.canBegin(UnsafeRawBufferPointer(rebasing: buffer[..<filled])) {
            // Left behind by another answer: this request is worth a fresh connection.
            counters.garbled += 1
            disconnect()
            throw .reset
        }
        transaction &+= 1
        do throws(ModbusFailure) {
            try line?.send(request, transaction: transaction)
        } catch {
            disconnect()
            throw error
        }
        let sent = MonotonicTime.now()
        let deadline = sent + timing.timeout
        let strangeBefore = counters.foreign + counters.unnumbered
        let scanner = TCPAnswerScanner(request: request, transaction: transaction)
        // Nearly always the first bytes are the whole answer: waiting and reading are then one call.
        var isFirst = true
        while true {
            guard let descriptor = line?.descriptor else { throw .reset }
            guard isFirst || Readiness.wait(descriptor, until: deadline) != .late else {
                throw failureOfSilence(sawStrange: counters.foreign + counters.unnumbered > strangeBefore)
            }
            _ = try receive(waiting: isFirst)
            isFirst = false
            var consumed = 0
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<filled])
            let verdict = scanner.scan(bytes, consumed: &consumed, counters: &counters)
            switch verdict {
            case .incomplete:
                consume(consumed)
            case .broken:
                disconnect()
                throw .frame
            case .answered, .exception, .nonsense, .otherLength:
                let now = MonotonicTime.now()
                roundTrip = now - sent
                quietAt = timing.pause > 0 ? now + timing.pause : 0
                return try conclude(request, verdict, bytes, consumed: consumed)
            }
        }
    }

    /// What nothing more within the time out means, with what is to be done about the line.
    private func failureOfSilence(sawStrange: Bool) -> ModbusFailure {
        if filled > 0 {
            // The rest of a cut answer would be taken for the head of the next one.
            counters.truncated += 1
            disconnect()
        }
        quietAt = timing.pause > 0 ? MonotonicTime.now() + timing.pause : 0
        return sawStrange ? .frame : .timeout
    }

    /// Takes an answer that ends the exchange, or throws what it says.
    private func conclude(
        _ request: ReadRequest, _ verdict: AnswerVerdict, _ bytes: UnsafeRawBufferPointer, consumed: Int
    ) throws(ModbusFailure) {
        if case .answered(let data) = verdict {
            guard !TCPAnswerScanner.isMadeWhole(bytes, data: data) else {
                counters.truncated += 1
                disconnect()
                throw .frame
            }
            take(request, from: data.lowerBound)
        }
        consume(consumed)
        if case .exception(let code) = verdict { throw .exception(code) }
        if verdict == .nonsense { throw .frame }
        if verdict == .otherLength { throw .length }
    }
}

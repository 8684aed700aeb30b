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
        while true {
            guard let descriptor = line?.descriptor else { throw .reset }
            guard Readiness.wait(descriptor, until: deadline) != .late else {
                if filled > 0 {
                    // The rest of a cut answer would be taken for the head of the next one.
                    counters.truncated += 1
                    disconnect()
                }
                quietAt = timing.pause > 0 ? MonotonicTime.now() + timing.pause : 0
                throw counters.foreign + counters.unnumbered > strangeBefore ? .frame : .timeout
            }
            _ = try receive()
            var consumed = 0
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<filled])
            let verdict = scanner.scan(bytes, consumed: &consumed, counters: &counters)
            switch verdict {
            case .incomplete:
                consume(consumed)
                continue
            case .broken:
                disconnect()
                throw .frame
            case .answered, .exception, .nonsense, .otherLength:
                let now = MonotonicTime.now()
                roundTrip = now - sent
                quietAt = timing.pause > 0 ? now + timing.pause : 0
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
                return
            }
        }
    }
}

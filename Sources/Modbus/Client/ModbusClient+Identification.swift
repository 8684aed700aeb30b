import Platform

extension ModbusClient {
    /// Asks a device what it is; returns its texts by object: 0 vendor, 1 product code, 2 revision, 4 product name, 5 model.
    ///
    /// - Throws: Why there is no answer; exception 1 from the many devices that do not know the function.
    package func identify(_ unit: UInt8) throws(ModbusFailure) -> [UInt8: String] {
        var objects: [UInt8: String] = [:]
        var request = IdentificationRequest(unit: unit, category: 2)
        // A device that always says that more follows would hold us for ever.
        for _ in 0..<8 {
            let page: IdentificationPage
            do throws(ModbusFailure) {
                page = try ask(request)
            } catch {
                guard objects.isEmpty else { return objects }
                guard request.category == 2, case .exception = error else { throw error }
                request.category = 1
                continue
            }
            objects.merge(page.objects) { first, _ in first }
            guard let next = page.next, next > request.object else { break }
            request.object = next
        }
        return objects
    }

    private func ask(_ request: IdentificationRequest) throws(ModbusFailure) -> IdentificationPage {
        guard line != nil else { throw .linkDown }
        if isSerial {
            try waitForSilence()
        } else if quietAt > 0 {
            keepSilence(until: quietAt)
        }
        transaction &+= 1
        do throws(ModbusFailure) {
            try line?.send(request, transaction: transaction)
        } catch {
            disconnect()
            throw error
        }
        let sent = MonotonicTime.now()
        defer { quietAt = MonotonicTime.now() + (isSerial ? lineTiming.silence : 0) + timing.pause }
        let deadline = sent + lineTiming.duration(bytes: 7) + timing.timeout
        while true {
            guard let descriptor = line?.descriptor else { throw .linkDown }
            guard Readiness.wait(descriptor, until: deadline) != .late else {
                // What is left of a cut answer would spoil the next one.
                if !isSerial, filled > 0 { disconnect() }
                filled = 0
                throw .timeout
            }
            if try receive() == 0, filled == buffer.count { throw .frame }
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<filled])
            guard let found = isSerial ? serialAnswer(bytes, request) : tcpAnswer(bytes, request) else { continue }
            roundTrip = MonotonicTime.now() - sent
            consume(found.end)
            return try found.page.get()
        }
    }

    private typealias Found = (page: Result<IdentificationPage, ModbusFailure>, end: Int)

    private func serialAnswer(_ bytes: UnsafeRawBufferPointer, _ request: IdentificationRequest) -> Found? {
        for start in bytes.indices where bytes[start] == request.unit && bytes.count - start >= 5 {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
            if rest[1] == IdentificationRequest.function | 0x80,
                FrameChecksum.closes(UnsafeRawBufferPointer(rebasing: rest[..<5]))
            {
                return (.failure(.exception(rest[2])), start + 5)
            }
            guard let page = IdentificationPage(UnsafeRawBufferPointer(rebasing: rest[1...])),
                rest.count >= page.length + 3,
                FrameChecksum.closes(UnsafeRawBufferPointer(rebasing: rest[..<(page.length + 3)]))
            else { continue }
            return (.success(page), start + page.length + 3)
        }
        return nil
    }

    private func tcpAnswer(_ bytes: UnsafeRawBufferPointer, _ request: IdentificationRequest) -> Found? {
        var start = 0
        while bytes.count - start >= 8 {
            let end = start + 6 + Int(bytes[start + 4]) << 8 + Int(bytes[start + 5])
            guard bytes.count >= end, end >= start + 9 else { return nil }
            if UInt16(bytes[start]) << 8 | UInt16(bytes[start + 1]) == transaction, bytes[start + 6] == request.unit {
                let data = UnsafeRawBufferPointer(rebasing: bytes[(start + 7)..<end])
                if data[0] == IdentificationRequest.function | 0x80 { return (.failure(.exception(data[1])), end) }
                return (IdentificationPage(data).map { .success($0) } ?? .failure(.frame), end)
            }
            start = end
        }
        return nil
    }
}

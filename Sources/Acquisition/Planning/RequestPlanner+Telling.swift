import Modbus

extension RequestPlanner {
    /// Registers that may be read along to make an answer differ; of bits, eight times as many.
    private static let most = 16

    /// The request, or the shortest one around it, that is free; nil where none is.
    ///
    /// On a serial line an answer shows no more of its request than its length: one that comes late or twice would be taken
    /// for the answer to the next request of that length.
    func told(_ request: PlannedRequest, where isFree: (PlannedRequest) -> Bool) -> PlannedRequest? {
        for more in 0...RequestPlanner.most {
            if let free = around(request, more).first(where: isFree) { return free }
        }
        return nil
    }

    /// Which address an answer of some length is asked from: as far as there are lengths enough each address has its own, the
    /// same after every start, so that an answer that comes very late is at least not another register's.
    func lengths(of plan: [PlannedRequest], unit: UInt8) -> [AnswerShape: UInt16] {
        var owners: [AnswerShape: UInt16] = [:]
        // In turn, so that each has its share.
        for _ in 0...RequestPlanner.most {
            for request in plan {
                let free = told(request) { owners[$0.request(unit: unit).shape] == nil }?.request(unit: unit)
                if let free { owners[free.shape] = free.address }
            }
        }
        return owners
    }

    /// The requests that read so many cells more, behind or before the wanted ones; of none, the request itself.
    private func around(_ request: PlannedRequest, _ more: Int) -> [PlannedRequest] {
        guard more > 0 else { return [request] }
        let more = request.function.isBits ? 8 * more : more
        let limit = min(request.function.limit, request.function.isBits ? maxRegisters * 16 : maxRegisters)
        guard request.count + more <= limit else { return [] }
        let end = request.address + request.count
        return [end..<end + more, request.address - more..<request.address].compactMap { extra in
            guard extra.lowerBound >= 0, extra.upperBound <= 65_536,
                !forbidden.contains(where: { cells in
                    cells.function == request.function
                        && (cells.seam.map { $0 == end || $0 == request.address || extra.contains($0) }
                            ?? cells.cells.overlaps(extra))
                })
            else { return nil }
            var longer = request
            longer.address = min(request.address, extra.lowerBound)
            longer.count += more
            longer.extra = extra
            return longer
        }
    }
}

import Modbus

extension RequestPlanner {
    /// Registers that may be read along to make an answer differ; of bits, eight times as many.
    private static let most = 16

    /// The request, or the shortest one around it, that is free; nil where none is.
    ///
    /// On a serial line an answer shows no more of its request than its length: one that comes late or twice would be taken
    /// for the answer to the next request of that length.
    func told(_ request: PlannedRequest, where isFree: (PlannedRequest) -> Bool) -> PlannedRequest? {
        if isFree(request) { return request }
        let step = request.function.isBits ? 8 : 1
        let limit = min(request.function.limit, request.function.isBits ? maxRegisters * 16 : maxRegisters)
        let end = request.address + request.count
        for more in stride(from: step, through: step * RequestPlanner.most, by: step)
        where request.count + more <= limit {
            for extra in [end..<end + more, request.address - more..<request.address] {
                guard extra.lowerBound >= 0, extra.upperBound <= 65_536,
                    !forbidden.contains(where: { cells in
                        cells.function == request.function
                            && (cells.seam.map { $0 == end || $0 == request.address || extra.contains($0) }
                                ?? cells.cells.overlaps(extra))
                    })
                else { continue }
                var longer = request
                longer.address = min(request.address, extra.lowerBound)
                longer.count += more
                longer.extra = extra
                if isFree(longer) { return longer }
            }
        }
        return nil
    }
}

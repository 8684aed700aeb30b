import Modbus

extension RequestPlanner {
    /// What an answer on a serial line shows of its request, besides the unit.
    struct Shape: Hashable {
        var function: ReadFunction
        var byteCount: Int
    }

    /// Registers that may be read along to make an answer differ.
    private static let most = 8

    /// The requests such that no two answers of a slot look alike, as far as a few more cells can do that: on a serial line an
    /// answer that comes twice would else be taken for the answer to the next request.
    ///
    /// - Parameter avoided: What the answers of the slot before looked like.
    func tellingApart(_ requests: [PlannedRequest], avoiding avoided: Set<Shape> = []) -> [PlannedRequest] {
        var used = avoided
        return requests.map { request in
            let found = used.contains(request.shape) ? lengthened(request, used) ?? request : request
            used.insert(found.shape)
            return found
        }
    }

    private func lengthened(_ request: PlannedRequest, _ used: Set<Shape>) -> PlannedRequest? {
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
                if !used.contains(longer.shape) { return longer }
            }
        }
        return nil
    }
}

extension PlannedRequest {
    /// What its answer looks like on a serial line.
    var shape: RequestPlanner.Shape {
        RequestPlanner.Shape(function: function, byteCount: function.isBits ? (count + 7) / 8 : count * 2)
    }
}

import TestKit

/// A Modbus TCP master of a few lines, so that nothing of ours stands on both sides.
enum Wire {
    /// The answer's function code and data to a request (unit, function, data); empty where none comes.
    static func ask(_ port: UInt16, _ request: [UInt8]) -> [UInt8] {
        guard let client = try? RawClient(port: Int(port)) else { return [] }
        client.send([0, 1, 0, 0, 0, UInt8(request.count)] + request)
        guard let head = client.receive(6), head.count == 6, let body = client.receive(Int(head[5])) else { return [] }
        return Array(body.dropFirst())
    }
}

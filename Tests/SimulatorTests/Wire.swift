import Glibc

/// A Modbus TCP client of a few lines, so that nothing of ours stands on both sides.
enum Wire {
    /// The answer's function code and data to a request (unit, function, data).
    static func ask(_ port: UInt16, _ request: [UInt8]) -> [UInt8] {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let failure = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard failure == 0 else { return [] }
        let frame = [0, 1, 0, 0, 0, UInt8(request.count)] + request
        _ = write(descriptor, frame, frame.count)
        var answer: [UInt8] = []
        while answer.count < 6 || answer.count < 6 + Int(answer[5]) {
            var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&polled, 1, 3000) > 0 else { return answer }
            var bytes = [UInt8](repeating: 0, count: 300)
            let count = read(descriptor, &bytes, bytes.count)
            guard count > 0 else { return answer }
            answer += bytes[..<count]
        }
        return Array(answer.dropFirst(7))
    }
}

/// A request for what a device says of itself: function 43, type 14 (device identification), which reads and changes nothing.
package struct IdentificationRequest: Sendable, Hashable {
    /// The function code.
    static let function: UInt8 = 0x2B
    /// What tells device identification from other uses of the function.
    static let type: UInt8 = 0x0E

    /// The unit identifier.
    package var unit: UInt8
    /// 1: basic objects (0 to 2); 2: regular ones as well (3 to 6).
    package var category: UInt8
    /// The first object wanted.
    package var object: UInt8

    /// A request for the objects of a category, from one on.
    package init(unit: UInt8, category: UInt8 = 1, object: UInt8 = 0) {
        self.unit = unit
        self.category = category
        self.object = object
    }

    /// From the function code on.
    var data: InlineArray<4, UInt8> { [IdentificationRequest.function, IdentificationRequest.type, category, object] }
}

/// One answer of device identification.
struct IdentificationPage: Equatable {
    /// Texts by object: 0 vendor, 1 product code, 2 revision, 4 product name, 5 model.
    var objects: [UInt8: String] = [:]
    /// Where the next page begins; nil for the last.
    var next: UInt8?
    /// Bytes of the answer from the function code on.
    var length = 0

    /// The answer whose function code stands first; nil while bytes are missing, or where it is none.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 7, bytes[0] == IdentificationRequest.function, bytes[1] == IdentificationRequest.type
        else {
            return nil
        }
        var position = 7
        for _ in 0..<bytes[6] {
            guard bytes.count >= position + 2 else { return nil }
            let end = position + 2 + Int(bytes[position + 1])
            guard bytes.count >= end else { return nil }
            let text = bytes[(position + 2)..<end].map { (0x20...0x7E).contains($0) ? $0 : 0x20 }
            objects[bytes[position]] = String(decoding: text, as: UTF8.self)
            position = end
        }
        next = bytes[4] == 0xFF && bytes[5] > 0 ? bytes[5] : nil
        length = position
    }
}

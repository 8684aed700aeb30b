import Metering
import PlantConfiguration

/// A point of a simulated meter: its signal, and the cells that show it.
struct SimulatedPoint: Sendable {
    let point: MeasuredPoint
    let source: SignalSource
    let modulus: Double?

    /// The addresses of its value.
    var cells: Range<Int> { Int(point.map.address)..<(Int(point.map.address) + point.map.count) }

    /// The cells at that simulated time.
    func encode(at time: Int64) -> EncodedCells { encode(value: source.value(at: time)) }

    /// The cells of a value; a counter starts anew at its modulus, or where its register is full.
    func encode(value: Double) -> EncodedCells {
        var value = value
        if let modulus, point.kind == .counter, value >= modulus {
            value = value.truncatingRemainder(dividingBy: modulus)
        }
        return point.map.encode(value, exponent: source.signal.exponent, wraps: point.kind == .counter)
    }
}

import Metering
import Modbus

extension RegisterExtent {
    /// From the first to the last cell that the maps use, in each table.
    init(of maps: [RegisterMap]) {
        func extent(_ table: RegisterTable) -> Range<Int> {
            let used = maps.filter { $0.table == table }.flatMap { map in
                let scale = map.scaleRegister.map { Int($0)..<(Int($0) + 1) }
                return [Int(map.address)..<(Int(map.address) + map.count)] + (scale.map { [$0] } ?? [])
            }
            guard let first = used.map(\.lowerBound).min(), let last = used.map(\.upperBound).max() else {
                return 0..<0
            }
            return first..<min(last, 65_536)
        }
        self.init(
            coils: extent(.coil), discretes: extent(.discrete), holdings: extent(.holding), inputs: extent(.input))
    }
}

import Foundation
import Metering
import PlantConfiguration

/// Finds a point by the bytes of its name, quickly where points follow each other as they did the time before.
package final class PointNames {
    private var indexes: [String: PointIndex] = [:]
    private var names: [[UInt8]]
    /// By point, the one that came after it last.
    private var successor: [PointIndex]
    private let derived: Set<String>

    /// The measured points of a plant; derived ones are computed and not read.
    package init(_ plant: Plant) {
        let derivedIndexes = Set(plant.plan.derived.map(\.point))
        derived = Set(derivedIndexes.map { plant.plan.points[Int($0)].name })
        names = plant.plan.points.map { Array($0.name.utf8) }
        successor = Array(repeating: 0, count: max(1, names.count))
        for (index, point) in plant.plan.points.enumerated() where !derivedIndexes.contains(PointIndex(index)) {
            indexes[point.name] = PointIndex(index)
        }
    }

    /// The point of that name; `previous` is the one of the row before.
    func find(_ bytes: UnsafeRawBufferPointer, after previous: PointIndex) -> PointIndex? {
        let guess = Int(successor[Int(previous)])
        if guess < names.count, names[guess].count == bytes.count, !bytes.isEmpty,
            names[guess].withUnsafeBytes({ memcmp($0.baseAddress!, bytes.baseAddress!, bytes.count) == 0 }),
            indexes.count == names.count || indexes[String(decoding: bytes, as: UTF8.self)] != nil
        {
            return PointIndex(guess)
        }
        guard let found = indexes[String(decoding: bytes, as: UTF8.self)] else { return nil }
        successor[Int(previous)] = found
        return found
    }

    /// The sentence about a name that is none of them.
    func unknown(_ name: String) -> String {
        if derived.contains(name) { return "'\(name)' is a derived point: it is computed, so leave its rows out" }
        return "there is no point '\(name)' in the configuration"
            + NearestName.hint(for: name, among: indexes.keys.sorted())
    }
}

import Evidence
import Foundation
import Metering
import RecordKeeping
import Recording
import Storage
import StoreComparison

/// A record made once more from its readings by a plan, in a scratch database that is gone afterwards.
enum Retracing {
    /// Goes over the readings of `store` and hands out what came of them; `progress` is called with how many readings were
    /// gone over since the last call and how far that has come, and may throw to end it.
    static func run<T>(
        _ plan: RetracePlan, over store: PlantStore, progress: @escaping (Int, Instant) throws -> Void,
        _ body: (_ scratch: PlantStore, _ retrace: Retrace) throws -> T
    ) throws -> T {
        try inDirectory { directory in
            let scratch = try PlantStore.scratch(in: directory, over: store, from: plan.seed)
            defer { try? scratch.close() }
            try store.show { reader in try scratch.write { try DeclaredExchange.carry(from: reader, into: $0) } }
            let retrace = Retrace(plan.stages, scratch: scratch, from: plan.begin, through: plan.through)
            retrace.madeProgress = progress
            try retrace.run()
            return try body(scratch, retrace)
        }
    }

    /// Works in a directory of its own, which is gone afterwards.
    static func inDirectory<T>(_ body: (String) throws -> T) throws -> T {
        let place = FileManager.default.temporaryDirectory.path
        var template = Array((place + "/emsd-verify-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else {
            throw AuditFault("no directory can be made in \(place) ($TMPDIR)")
        }
        let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        return try body(directory)
    }
}

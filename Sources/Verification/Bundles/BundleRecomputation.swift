import Conformity
import DatabaseFile
import Evidence
import Foundation
import Indicators
import Metering
import PlantConfiguration
import RecordKeeping
import Recording
import Storage
import StoreComparison

/// Computes all of a bundle once more from its readings, with the recorder, in a database that is gone afterwards, and holds
/// each row of its tables against what comes out.
struct BundleRecomputation {
    private let files: [String: [UInt8]]
    private let lines: [JournalRecord]

    /// A recomputation of a bundle's files; `lines` are those of the journal in it.
    init(_ files: [String: [UInt8]], lines: [JournalRecord]) { (self.files, self.lines) = (files, lines) }

    func run(_ report: inout CheckReport) throws {
        guard let record = BundleRecord(files) else {
            return report.differs(
                "\(RecordBeginning.file): it is missing, or cannot be read: nothing can be computed again without it")
        }
        var facts = JournalFacts()
        for line in lines { facts.take(line) }
        for (name, prefix) in EvidenceBundle.eventTables {
            same(name, Array(BundleTables.events(prefix, in: lines).utf8), "the lines of the journal say", &report)
        }
        try Retracing.inDirectory { directory in
            let store: PlantStore
            do {
                store = try record.lay(in: directory + "/record", &report)
            } catch let fault as StoreFault {
                return report.differs("\(RecordBeginning.file): no record can be like that: \(fault.message)")
            }
            defer { try? store.close() }
            let words = try store.show { try RecordWords($0) }
            try store.show { try definitions($0, record, History(facts, words), &report) }
            let plan = try store.show { try record.plan($0) }
            guard !plan.stages.isEmpty else {
                return report.remark(
                    "this version of emsd does not understand its configurations: nothing is recomputed")
            }
            if let begin = record.begin {
                report.remark(
                    "what was made before \(begin.text), sums of periods that had begun among it, is taken as "
                        + "\(RecordBeginning.file) has it, which the journal sealed")
            }
            try Retracing.run(plan, over: store) { _, _ in
            } _: { scratch, retrace in
                try retrace.finish()
                try compare(record, facts, plan, words, store: store, scratch: scratch, &report)
            }
        }
    }

    /// Configurations and registers are what the files say that were in force.
    private func definitions(
        _ reader: StoreReader, _ record: BundleRecord, _ history: History, _ report: inout CheckReport
    ) throws {
        try history.configurations(reader, &report)
        for configuration in try reader.configurations()
        where record.kept.scope.versions.contains(configuration.version) {
            let name = "configuration/\(configuration.version)/index.json"
            let index = EvidenceBundle.index(configuration, try reader.files(ofVersion: configuration.version))
            same(name, index, "\(RecordBeginning.file) and the files say", &report)
        }
        let registers = try BundleTables(record.kept.scope, reader).registers()
        same("registers.csv", Array(registers.utf8), "the configurations say", &report)
    }

    private func compare(
        _ record: BundleRecord, _ facts: JournalFacts, _ plan: RetracePlan, _ words: RecordWords, store: PlantStore,
        scratch: PlantStore, _ report: inout CheckReport
    ) throws {
        let scope = record.kept.scope
        let edges = try store.show { reader in
            try scratch.read { try BundleEdges(plan, reader, made: $0.includingRemoved()) }
        }
        let comparison = BundleComparison(record, plan, words, edges, facts)
        let versions = try store.show { try $0.configurations().last?.version ?? 0 }
        try scratch.read { reader in
            let made = try BundleTables(scope, reader)
            try comparison.windows(
                table("windows.csv"), BundleTables.rows(of: Array(made.windows().utf8)), versions, &report)
            try comparison.verdicts(
                table("verdicts.csv"), BundleTables.rows(of: Array(made.verdicts().utf8)), versions, &report)
            try comparison.decisions(table("ledger.csv"), BundleTables.rows(of: Array(made.ledger().utf8)), &report)
        }
        let renamings = try store.show { reader in try (0...versions).map { try reader.renamings(after: $0) } }
        comparison.revisions(table("windows.csv"), renamings, &report)
        try nonconformities(comparison, renamings, facts, store: store, scratch: scratch, record, &report)
    }

    private func nonconformities(
        _ comparison: BundleComparison, _ renamings: [[Renaming]], _ facts: JournalFacts, store: PlantStore,
        scratch: PlantStore, _ record: BundleRecord, _ report: inout CheckReport
    ) throws {
        guard let lives = BundledLife.read(files["nonconformity.json"] ?? []) else {
            return report.differs("nonconformity.json: it cannot be read")
        }
        let known = try store.show { try $0.nonconformities() }
        let made = try scratch.read { try $0.nonconformities() }
        comparison.nonconformities(lives, known: known, made: made, renamings, &report)
        for life in lives {
            let lines = LifeComparison(life.found, facts.steps[life.found.id] ?? [])
            if let fault = lines.opening { report.differs("\(life.found.id): \(fault)") }
            for fault in lines.faults(in: life.steps) { report.differs("\(life.found.id)\(fault)") }
            if let fault = life.fault(facts.steps[life.found.id] ?? []) {
                report.differs("\(life.found.id): \(fault)")
            }
        }
        for id in record.kept.scope.nonconformities.sorted() where !lives.contains(where: { $0.found.id == id }) {
            report.differs("\(id): the bundle is of it, and nonconformity.json does not have it")
        }
        let attachments = BundleTables.attachments(
            lives.sorted { $0.found.id < $1.found.id }.map { life in
                (
                    life.found.id,
                    life.steps.compactMap { try? JSONDecoder().decode(LifecycleStep.self, from: Data($0.details.utf8)) }
                )
            })
        same("attachments.csv", Array(attachments.utf8), "the steps say", &report)
    }

    // MARK: Files

    private func table(_ name: String) -> [[String]] { BundleTables.rows(of: files[name] ?? []) }

    /// Names the first line in which a file is not what it must be.
    private func same(_ name: String, _ made: [UInt8], _ source: String, _ report: inout CheckReport) {
        guard let stored = files[name] else { return report.differs("\(name): it is missing") }
        if stored == made { return }
        let (a, b) = (lines(stored), lines(made))
        let place = zip(a, b).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(a.count, b.count)
        func say(_ lines: [String]) -> String { lines.indices.contains(place) ? lines[place] : "nothing" }
        report.differs("\(name), line \(place + 1): in the bundle \(say(a)), \(source) \(say(b))")
    }

    private func lines(_ bytes: [UInt8]) -> [String] {
        bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
    }
}

import Indicators
import ManagementSystem
import Metering
import PlantConfiguration
import Storage

/// What a check would make doubtful, counted before it is kept: years of windows are gone over, for which the recorder is
/// not held up.
package struct CheckConsequences {
    private let plant: Plant
    private let reader: StoreReader
    private let now: Instant

    /// The consequences for a plant by what is on record.
    package init(_ plant: Plant, _ reader: StoreReader, now: Instant) {
        (self.plant, self.reader, self.now) = (plant, reader, now)
    }

    /// Those of a check; nothing where it was passed.
    package func found(of check: CalibrationRecord) throws -> CalibrationConsequence {
        guard check.asFound == .fail else { return CalibrationConsequence() }
        let doubts = try ManagementRecords.doubts(in: reader, with: check, now: now)
        return try counted(doubts.of(.meter(check.meter), until: check.date))
    }

    /// Those of a reading at zero and span; nothing where its charts give no signal.
    package func found(of reading: DriftReading) throws -> CalibrationConsequence {
        let doubts = try ManagementRecords.doubts(in: reader, with: reading, now: now)
        return try counted(doubts.of(.point(reading.point), until: reading.time))
    }

    /// How much rests on what is in doubt.
    package func counted(_ doubt: Doubt?) throws -> CalibrationConsequence {
        var consequence = CalibrationConsequence()
        guard let doubt else { return consequence }
        consequence.stretch = doubt.stretch
        let plan = plant.plan
        let suspect = SuspectWindows(plan, [doubt])
        for (index, indicator) in plan.indicators.enumerated()
        where !indicator.isHidden && !suspect.stretches(of: index).isEmpty {
            let count = try reader.countValues(index, overlapping: doubt.stretch)
            if count > 0 { consequence.windows.append((indicator.name, count)) }
        }
        for (index, objective) in plant.objectives.enumerated()
        where !suspect.stretches(of: objective.indicator).isEmpty {
            let count = try reader.countVerdicts(index, overlapping: doubt.stretch)
            if count > 0 { consequence.verdicts.append((objective.name, count)) }
        }
        return consequence
    }
}

extension [Doubt] {
    /// What a check at an instant puts in doubt; nil: nothing.
    package func of(_ subject: Doubt.MeterOrPoint, until time: Int64) -> Doubt? {
        first { $0.subject == subject && $0.stretch.end.milliseconds == time }
    }
}

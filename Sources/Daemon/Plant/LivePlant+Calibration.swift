import ConfigurationSource
import Foundation
import ManagementSystem
import Metering
import PlantAPI
import PlantConfiguration
import RecordKeeping
import Recording

extension LivePlant {
    /// Keeps a check of a meter; returns what it makes doubtful, a line each.
    ///
    /// Throws a ``CommandError`` (65) where there is no such meter, or the body is wrong.
    func calibrate(_ meter: String, body: Data, by user: String) throws -> String {
        guard let request = try? JSONDecoder().decode(CalibrationRequest.self, from: body),
            let found = CalibrationRecord.Found(rawValue: request.asFound)
        else {
            throw CommandError(
                .badInput, "a calibration is a JSON object with \"date\" and \"asFound\": \"pass\" or \"fail\"")
        }
        let plan = plant.plan
        let meters = plant.register.instruments.map(\.name)
        guard meters.contains(meter) else {
            throw CommandError(
                .badInput, "there is no meter '\(meter)'" + NearestName.hint(for: meter, among: meters), matter: .absent
            )
        }
        let now = self.now
        let date = try TimeBound.instant(request.date, option: "--date", now: now, calendar: plan.calendar)
        let usual = plant.register.instruments.first { $0.name == meter }?.calibrated
        let due =
            try request.due.map { try TimeBound.instant($0, option: "--due", now: now, calendar: plan.calendar) }
            ?? usual.map { plan.calendar.instant($0, after: date) }
        if date > now { throw CommandError(.badInput, "--date \(date.text) is still to come") }
        if let due, due <= date { throw CommandError(.badInput, "--due \(due.text) is not after the check") }
        let record = CalibrationRecord(
            meter: meter, date: date, due: due, certificate: request.certificate, digest: request.sha256,
            asFound: found, by: user, at: now)
        // Years of verdicts are counted, for which the recorder is not held up.
        let counted = try store.read { try CheckConsequences(plant, $0, now: now).found(of: record) }
        return try recording.perform { recorder in
            try recorder.keep(record, counted: counted, now: now).told(of: meter, plan.calendar)
        }
    }

    /// Keeps a reading at zero and span; returns what the charts say.
    ///
    /// References and standard deviation that are not given are those of the reading before. Throws a ``CommandError`` (65)
    /// where there is no such point, the body is wrong, or nobody ever gave the standard deviation.
    func readDrift(_ name: String, body: Data, by user: String) throws -> String {
        guard let request = try? JSONDecoder().decode(DriftRequest.self, from: body),
            request.figures.allSatisfy(\.isFinite), request.deviation.map({ $0 > 0 }) ?? true
        else {
            throw CommandError(
                .badInput, "a check is a JSON object with \"zero\", \"span\" and, above 0, \"deviation\"")
        }
        let plan = plant.plan
        let points = plan.measuredPoints.map { plan.points[Int($0)].name }
        guard points.contains(name) else {
            throw CommandError(
                .badInput, "there is no point '\(name)'" + NearestName.hint(for: name, among: points), matter: .absent)
        }
        let now = self.now
        let time =
            try request.time.map { try TimeBound.instant($0, option: "--time", now: now, calendar: plan.calendar) }
            ?? now
        if time > now { throw CommandError(.badInput, "--time \(time.text) is still to come") }
        let last = try store.read { try ManagementRecords.drift(in: $0) }.last {
            $0.point == name && $0.time < time.milliseconds
        }
        guard let deviation = request.deviation ?? last?.deviation else {
            throw CommandError(
                .badInput,
                "\(name): say the analyser's standard deviation with the first check: --deviation, in the point's unit"
            )
        }
        let reading = DriftReading(
            point: name, time: time, zero: request.zero, span: request.span,
            zeroReference: request.zeroReference ?? last?.zeroReference ?? 0,
            spanReference: request.spanReference ?? last?.spanReference ?? 0, deviation: deviation, by: user)
        let counted = try store.read { try CheckConsequences(plant, $0, now: now).found(of: reading) }
        return try recording.perform { recorder in
            let (entry, consequence) = try recorder.keep(reading, counted: counted, now: now)
            let says = "zero \(entry?.zero.conclusion.words ?? "-"); span \(entry?.span.conclusion.words ?? "-")"
            return "\(name): \(says)\n" + (consequence.stretch == nil ? "" : consequence.told(of: name, plan.calendar))
        }
    }
}

extension CalibrationConsequence {
    fileprivate func told(of meter: String, _ calendar: SiteCalendar) -> String {
        guard let stretch else { return "\(meter): the check is on record\n" }
        var lines = ["\(meter): in doubt from \(calendar.text(stretch.start)) to \(calendar.text(stretch.end))"]
        lines += windows.map { "  \($0.count) windows of \($0.indicator)" }
        lines += verdicts.map { "  \($0.count) verdicts of \($0.objective)" }
        if let nonconformity { lines.append("  followed by \(nonconformity)") }
        return lines.joined(separator: "\n") + "\n"
    }
}

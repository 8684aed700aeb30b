import Acquisition
import Conformity
import Connections
import Listings
import LiveRecording
import Metering
import NIOCore
import Platform
import Recording
import Storage

/// The plant in numbers, for Prometheus and whoever reads the same.
struct MetricsText {
    var lines: MetricsLines

    /// The metrics of this moment, in pieces.
    static func of(_ plant: LivePlant, _ format: MetricsFormat = .text) throws -> [ByteBuffer] {
        var text = MetricsText(lines: MetricsLines(format))
        // A scrape each second is no reason for a commit each second.
        let held = try plant.heldNews()
        let live = plant.liveState
        try plant.store.show { reader in
            try text.record(plant.store.names, held, reader, now: plant.now)
            try text.objectives(plant.plant.objectives, plant.store.names, reader)
            try text.forwards(live.forwards(reader))
        }
        text.links(live.links)
        text.meters(live.links.flatMap(\.meters))
        text.latencies(live.links.flatMap(\.meters))
        text.strays(live.links.flatMap(\.meters))
        text.daemon(plant, live)
        return text.lines.pieces
    }

    private mutating func record(_ names: StoreNames, _ held: HeldNews, _ reader: StoreReader, now: Instant) throws {
        let newest = try reader.newestReadings().enumerated().map { index, stored in
            held.readings[PointIndex(index)] ?? stored
        }
        lines.family("emsd_point_value", .gauge, "The newest reading, where it has a value.")
        for (point, reading) in zip(names.points, newest) {
            guard let reading, reading.isUsable else { continue }
            lines.sample(
                ["point": point.name, "meter": point.meter, "unit": point.unit ?? ""], reading.value)
        }
        lines.family("emsd_point_quality", .gauge, "The newest reading's quality: 192 good, 64 uncertain, 0 bad.")
        for (point, reading) in zip(names.points, newest) where !point.isDerived {
            guard let reading else { continue }
            lines.sample(["point": point.name, "meter": point.meter], MetricsText.quality(reading.quality))
        }
        lines.family("emsd_point_usable", .gauge, "Whether the newest reading is good or uncertain.")
        for (point, reading) in zip(names.points, newest) where !point.isDerived {
            lines.sample(["point": point.name], reading?.isUsable == true ? 1 : 0)
        }
        lines.family("emsd_indicator_value", .gauge, "The value of the window closed last, where it is valid.")
        for (index, window) in try reader.lastClosed().enumerated() where !names.indicators[index].isHidden {
            let stored = try held.values[index] ?? window.flatMap { try reader.value(index, $0) }
            guard let value = stored, value.status == .valid, let number = value.value else { continue }
            let indicator = names.indicators[index]
            lines.sample(["indicator": indicator.name, "unit": indicator.unit ?? ""], number)
        }
        if let head = try reader.newestHead() {
            lines.family("emsd_journal_head_age_seconds", .gauge, "Time since a head of the journal was signed.")
            lines.sample([:], Double(max(0, now - head.time)) / 1000)
        }
        let open = try reader.openNonconformities()
        lines.family("emsd_nonconformities_ongoing", .gauge, "Nonconformities whose condition lasts.")
        lines.sample([:], Double(open.count { $0.condition == .ongoing }))
        lines.family(
            "emsd_nonconformities_open", .gauge, "Nonconformities that are ongoing, or neither closed nor rejected.")
        lines.sample([:], Double(open.count))
        lines.family("emsd_nonconformities", .gauge, "The open ones, by severity and condition.")
        for severity in Severity.allCases {
            for condition in [Nonconformity.Condition.ongoing, .cleared] {
                let count = open.count { $0.severity == severity && $0.condition == condition }
                lines.sample(["severity": severity.rawValue, "condition": condition.rawValue], Double(count))
            }
        }
    }

    private mutating func links(_ links: [LinkHealth]) {
        func all(_ name: String, _ kind: MetricsLines.Kind, _ help: String, _ value: (LinkHealth) -> Double) {
            lines.family(name, kind, help)
            for link in links { lines.sample(["link": link.link], value(link)) }
        }
        all("emsd_link_connected", .gauge, "Whether the link has a connection.") { $0.connected ? 1 : 0 }
        all("emsd_link_connections", .counter, "Connections made.") { Double($0.connections) }
        all("emsd_link_load_ratio", .gauge, "Share of the time since the start that requests were under way.") {
            $0.load
        }
    }

    private mutating func meters(_ meters: [MeterHealth]) {
        func all(_ name: String, _ kind: MetricsLines.Kind, _ help: String, _ value: (MeterHealth) -> Double?) {
            lines.family(name, kind, help)
            for meter in meters {
                guard let value = value(meter) else { continue }
                lines.sample(["meter": meter.meter], value)
            }
        }
        all("emsd_meter_polls", .counter, "Slots in which the meter was asked.") { Double($0.polls) }
        all("emsd_meter_answers", .counter, "Slots in which every request was answered.") { Double($0.answers) }
        all("emsd_meter_requests", .counter, "Requests sent, repetitions and probes included.") { Double($0.requests) }
        all("emsd_meter_skipped_slots", .counter, "Slots that passed while the link was busy.") {
            Double($0.skippedSlots)
        }
        all("emsd_meter_rested_slots", .counter, "Slots without a request to a meter that does not answer.") {
            Double($0.restedSlots)
        }
        all("emsd_meter_lost", .gauge, "Whether the meter is announced as lost.") { $0.isLost ? 1 : 0 }
        all("emsd_meter_refused_points", .gauge, "Points whose registers the device refuses.") {
            Double($0.refused.count)
        }
        all("emsd_meter_lateness_seconds", .gauge, "How late the latest slot began.") { $0.lateness / 1000 }
        all("emsd_meter_median_round_trip_seconds", .gauge, "Median time from request to answer, of the last ones.") {
            $0.medianRoundTrip.map { $0 / 1000 }
        }
        all("emsd_meter_slow_round_trip_seconds", .gauge, "Time that 99 of 100 of the last answers kept within.") {
            $0.slowRoundTrip.map { $0 / 1000 }
        }
    }

    private mutating func latencies(_ meters: [MeterHealth]) {
        lines.family("emsd_meter_round_trip_seconds", .histogram, "Times from request to answer since the start.")
        let bounds = RoundTrips.Histogram.bounds.map { Double($0) / 1_000_000 }
        for meter in meters {
            lines.histogram(
                ("meter", meter.meter), bounds: bounds, counts: meter.roundTrips.counts, sum: meter.roundTrips.sum)
        }
    }

    private mutating func strays(_ meters: [MeterHealth]) {
        lines.family("emsd_meter_errors", .counter, "Slots in which something went wrong, by the first cause.")
        for meter in meters {
            for (reason, count) in meter.errors.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                lines.sample(["meter": meter.meter, "reason": reason.text], Double(count))
            }
        }
        lines.family(
            "emsd_meter_strays", .counter, "What came in a meter's turn and was not taken as its answer, by kind.")
        for meter in meters {
            for (kind, count) in [
                ("late", meter.wire.late), ("foreign", meter.wire.foreign), ("garbled", meter.wire.garbled),
                ("truncated", meter.wire.truncated), ("unnumbered", meter.wire.unnumbered),
            ] where count > 0 {
                lines.sample(["meter": meter.meter, "kind": kind], Double(count))
            }
        }
    }

    private mutating func daemon(_ plant: LivePlant, _ live: LiveState) {
        lines.family(
            "emsd_recorder_longest_hold_seconds", .gauge,
            "The longest time since the start in which the recorder took nothing of what came in.")
        let rounds = plant.recording.roundTimes
        lines.sample([:], Double(rounds.longest) / 1000)
        lines.family(
            "emsd_recorder_round_seconds", .histogram,
            "Times in which the recorder took nothing of what came in, round by round.")
        lines.histogram(
            nil, bounds: RoundTimes.bounds.map { Double($0) / 1000 }, counts: rounds.counts,
            sum: Double(rounds.sum) / 1000)
        lines.family("emsd_recorder_waiting_readings", .gauge, "Readings that are not recorded yet.")
        lines.sample([:], Double(plant.intake.outstanding))
        lines.family(
            "emsd_recorder_idle_seconds", .gauge,
            "Time since the recorder last looked for work: below 1 where it keeps up.")
        lines.sample([:], Double(plant.recording.idle) / 1000)
        if let disk = DiskSpace(of: plant.store.directory) {
            lines.family("emsd_disk_free_bytes", .gauge, "What is free where the record stands.")
            lines.sample([:], Double(disk.free))
            lines.family("emsd_disk_size_bytes", .gauge, "How large that disk is.")
            lines.sample([:], Double(disk.total))
        }
        lines.family("emsd_faults", .gauge, "What does not work in the daemon itself now.")
        lines.sample([:], Double(live.faults.count))
        lines.family("emsd_connections", .gauge, "Connections of clients that are open.")
        lines.sample([:], Double(plant.connections.count))
        lines.family("emsd_connections_ended", .counter, "Connections that the daemon ended by itself, by cause.")
        let endings = plant.connections.endings
        for ending in ConnectionBook.Ending.allCases {
            lines.sample(["cause": ending.rawValue], Double(endings[ending] ?? 0))
        }
    }
}

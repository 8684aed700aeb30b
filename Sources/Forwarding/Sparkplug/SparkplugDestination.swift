import Metering
import PlantConfiguration
import Platform

/// A broker that gets readings as Sparkplug B: the site is an edge, each meter a device, each point a metric.
///
/// The only command that is obeyed is a rebirth: nothing that comes from a broker ever reaches a meter.
final class SparkplugDestination: ForwardDestination {
    private let target: ForwardTarget
    private let isEnding: @Sendable () -> Bool
    private var connection: MQTTConnection?
    private var told = 0
    private var seq: UInt8 = 0
    /// Rises with each connection, also over restarts.
    private var bdSeq = UInt64(max(0, WallClock.milliseconds() / 1000))
    /// Devices that were born on this connection, with the aliases of their metrics.
    private var born: [String: [String: UInt64]] = [:]
    private var nextAlias: UInt64 = 1
    /// The newest time of each metric: what is earlier is historical.
    private var newest: [UInt64: Instant] = [:]

    /// A broker.
    init(_ target: ForwardTarget, isEnding: @escaping @Sendable () -> Bool) {
        self.target = target
        self.isEnding = isEnding
    }

    private func topic(_ kind: String, _ device: String? = nil) -> String {
        "spBv1.0/\(target.group)/\(kind)/\(target.edge)" + (device.map { "/\($0)" } ?? "")
    }

    private var now: Instant { Instant(milliseconds: WallClock.milliseconds()) }

    func open(_ site: ForwardedSite) throws(ForwardFailure) -> Int? {
        if connection == nil {
            bdSeq += 1
            let will = (topic("NDEATH"), SparkplugPayload.nodeDeath(bdSeq: bdSeq, time: now))
            let made = try MQTTConnection(id: "emsd-\(target.group)-\(target.edge)", will: will, isEnding: isEnding)
            try made.connect(target)
            try made.subscribe(topic("NCMD"))
            connection = made
            told = 0
            try birth(made)
        }
        try mindCommands()
        return nil
    }

    private func birth(_ connection: MQTTConnection) throws(ForwardFailure) {
        (seq, born, nextAlias, newest) = (0, [:], 1, [:])
        try connection.publish([
            (topic("NBIRTH"), SparkplugPayload.nodeBirth(bdSeq: bdSeq, seq: nextSeq(), time: now))
        ])
    }

    private func nextSeq() -> UInt8 {
        defer { seq &+= 1 }
        return seq
    }

    /// A rebirth is done; every other command is left alone.
    private func mindCommands() throws(ForwardFailure) {
        guard let connection else { return }
        let isWanted = try connection.attend().contains { message in
            message.topic == topic("NCMD")
                && String(decoding: message.payload, as: UTF8.self).contains("Node Control/Rebirth")
        }
        if isWanted { try birth(connection) }
    }

    func send(_ batch: ForwardBatch) throws(ForwardFailure) {
        guard case .readings(let readings) = batch, !readings.isEmpty else { return }
        guard let connection else { throw .later("there is no connection") }
        var messages: [(topic: String, payload: [UInt8])] = []
        var devices: [String: [NamedReading]] = [:]
        for reading in readings { devices[String(reading.meter), default: []].append(reading) }
        for (device, readings) in devices.sorted(by: { $0.key < $1.key }) {
            if let message = born(device, readings) { messages.append(message) }
            for start in stride(from: 0, to: readings.count, by: 500) {
                let metrics = readings[start..<min(start + 500, readings.count)].map { metric(of: $0, on: device) }
                let payload = SparkplugPayload.data(metrics, seq: nextSeq(), time: now)
                messages.append((topic("DDATA", device), payload))
            }
        }
        try connection.publish(messages)
    }

    /// The birth of a device with all its metrics so far, where it or one of them is new.
    private func born(_ device: String, _ readings: [NamedReading]) -> (topic: String, payload: [UInt8])? {
        var aliases = born[device] ?? [:]
        var units: [String: String] = [:]
        var isNew = born[device] == nil
        for reading in readings {
            let name = String(reading.shortName)
            if let unit = reading.unit { units[name] = unit }
            if aliases[name] == nil {
                aliases[name] = nextAlias
                nextAlias += 1
                isNew = true
            }
        }
        born[device] = aliases
        guard isNew else { return nil }
        let metrics = aliases.sorted { $0.value < $1.value }.map { name, alias in
            // What it is stands in the data that follow.
            SparkplugPayload.Metric(
                name: name, alias: alias, time: now, value: nil, quality: .bad, unit: units[name])
        }
        return (topic("DBIRTH", device), SparkplugPayload.data(metrics, seq: nextSeq(), time: now))
    }

    private func metric(of reading: NamedReading, on device: String) -> SparkplugPayload.Metric {
        let alias = born[device]?[String(reading.shortName)] ?? 0
        let time = reading.reading.time
        let isHistorical = time < newest[alias] ?? .distantPast || now - time > 60_000
        newest[alias] = max(newest[alias] ?? .distantPast, time)
        return SparkplugPayload.Metric(
            alias: alias, time: time, value: reading.reading.value, quality: reading.reading.quality,
            isHistorical: isHistorical)
    }

    func beat(now: Instant) throws(ForwardFailure) { try mindCommands() }

    func close() {
        if let connection, isEnding() {
            // The broker says the will only of a death that nobody announced.
            connection.disconnect(saying: (topic("NDEATH"), SparkplugPayload.nodeDeath(bdSeq: bdSeq, time: now)))
        }
        connection = nil
    }

    func takeBytes() -> Int {
        let bytes = connection?.bytes ?? told
        defer { told = bytes }
        return bytes - told
    }
}

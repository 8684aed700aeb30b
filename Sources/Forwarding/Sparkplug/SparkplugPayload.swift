import Metering

/// Payloads of Sparkplug B 3.0, of the metrics that a meter has.
enum SparkplugPayload {
    /// One value of one metric.
    struct Metric: Sendable, Hashable {
        /// Only in a birth: the name; data are known by the alias.
        var name: String?
        var alias: UInt64
        var time: Instant
        /// Nil: null, which is what a bad reading is, never −1.
        var value: Double?
        var quality: Quality
        /// Stored meanwhile, and sent later than it was measured.
        var isHistorical = false
        var unit: String?
    }

    private static let int64: UInt64 = 4
    private static let double: UInt64 = 10
    private static let boolean: UInt64 = 11
    private static let int32: UInt64 = 3
    private static let text: UInt64 = 12

    /// A payload with those metrics; `seq` goes round from 0 to 255.
    static func data(_ metrics: [Metric], seq: UInt8, time: Instant) -> [UInt8] {
        var payload = PayloadWriter()
        payload.varint(1, UInt64(max(0, time.milliseconds)))
        for metric in metrics { payload.message(2) { put(metric, &$0) } }
        payload.varint(3, UInt64(seq))
        return payload.bytes
    }

    /// The birth of the edge, with the number that its death names, and the one command that is obeyed.
    static func nodeBirth(bdSeq: UInt64, seq: UInt8, time: Instant) -> [UInt8] {
        var payload = PayloadWriter()
        payload.varint(1, UInt64(max(0, time.milliseconds)))
        payload.message(2) { bdSeqMetric(bdSeq, time, &$0) }
        payload.message(2) {
            $0.text(1, "Node Control/Rebirth")
            $0.varint(3, UInt64(max(0, time.milliseconds)))
            $0.varint(4, boolean)
            $0.varint(14, 0)
        }
        payload.varint(3, UInt64(seq))
        return payload.bytes
    }

    /// The death of the edge, which the broker says when it is gone.
    static func nodeDeath(bdSeq: UInt64, time: Instant) -> [UInt8] {
        var payload = PayloadWriter()
        payload.varint(1, UInt64(max(0, time.milliseconds)))
        payload.message(2) { bdSeqMetric(bdSeq, time, &$0) }
        return payload.bytes
    }

    private static func bdSeqMetric(_ bdSeq: UInt64, _ time: Instant, _ out: inout PayloadWriter) {
        out.text(1, "bdSeq")
        out.varint(3, UInt64(max(0, time.milliseconds)))
        out.varint(4, int64)
        out.varint(11, bdSeq)
    }

    private static func put(_ metric: Metric, _ out: inout PayloadWriter) {
        if let name = metric.name { out.text(1, name) }
        out.varint(2, metric.alias)
        out.varint(3, UInt64(max(0, metric.time.milliseconds)))
        out.varint(4, double)
        if metric.isHistorical { out.varint(5, 1) }
        let value = metric.quality == .bad ? nil : metric.value
        if value == nil { out.varint(7, 1) }
        if metric.quality != .good || metric.name != nil {
            out.message(9) { properties(metric, &$0) }
        }
        if let value { out.double(13, value) }
    }

    /// `Quality` where it is not good, `engUnit` in a birth.
    private static func properties(_ metric: Metric, _ out: inout PayloadWriter) {
        var values: [(PayloadWriter) -> PayloadWriter] = []
        out.text(1, "Quality")
        values.append {
            var value = $0
            value.varint(1, int32)
            value.varint(3, UInt64(LineProtocol.quality(metric.quality)))
            return value
        }
        if metric.name != nil, let unit = metric.unit {
            out.text(1, "engUnit")
            values.append {
                var value = $0
                value.varint(1, text)
                value.text(8, unit)
                return value
            }
        }
        for make in values { out.message(2, make(PayloadWriter()).bytes) }
    }
}

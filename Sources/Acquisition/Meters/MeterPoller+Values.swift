import Metering
import Platform

extension MeterPoller {
    /// The readings of the slot's due points that were not handed on yet, from what was read; while requests are still to
    /// come, those that none of them can change.
    func values(slot: Int64, now: Int64, isOver: Bool = true) -> [PolledValue] {
        var readings: [PolledValue] = []
        readings.reserveCapacity(points.count)
        guard definition.validWhen != nil else {
            for position in points.indices where take(position, slot: slot, isOver: isOver) {
                let decoded = value(at: position, now: now)
                let index = points[position].index
                readings.append(
                    decoded.reason == .none
                        ? PolledValue(point: index, value: decoded.value)
                        : PolledValue(point: index, bad: decoded.reason))
            }
            return readings
        }
        let due = points.indices.filter { take($0, slot: slot, isOver: isOver) }
        guard !due.isEmpty else { return [] }
        var decoded: [DecodedValue] = []
        decoded.reserveCapacity(points.count)
        for position in points.indices {
            let isNeeded = isDue(at: position, slot: slot) || points[position].isStatus
            decoded.append(isNeeded ? value(at: position, now: now) : DecodedValue(bad: .skipped))
        }
        var holds = true
        if let condition = definition.validWhen {
            holds =
                condition.holds { [self] point in
                    guard let position = position(of: point), decoded[position].reason == .none else { return nil }
                    return decoded[position].value
                } ?? false
        }
        for position in due {
            let point = points[position]
            if decoded[position].reason != .none {
                readings.append(PolledValue(point: point.index, bad: decoded[position].reason))
            } else if !holds, !point.isStatus {
                readings.append(PolledValue(point: point.index, bad: .status))
            } else {
                readings.append(PolledValue(point: point.index, value: decoded[position].value))
            }
        }
        return readings
    }

    /// Whether a point's reading of the slot can be handed on now and was not yet; from here on it was.
    private func take(_ position: Int, slot: Int64, isOver: Bool) -> Bool {
        guard !isGiven[position], isDue(at: position, slot: slot), isOver || isDecided(points[position]) else {
            return false
        }
        isGiven[position] = true
        return true
    }

    /// The readings of a slot in which nothing was asked: all due points bad.
    func badValues(slot: Int64, reason: Reason) -> [PolledValue] {
        points.filter { isDue($0, slot: slot) }.map { PolledValue(point: $0.index, bad: reason) }
    }

    /// Whether nothing that is still asked for in the slot can change the point's reading.
    private func isDecided(_ point: PolledPoint) -> Bool {
        // What is refused may be tried again at the end of the slot.
        guard states[point.item] != .notAsked, refused.items[point.item] == nil,
            point.scaleItem.map({ states[$0] != .notAsked }) ?? true
        else {
            return false
        }
        if !areIndexesSettled, indexParts.contains(where: { $0.contains(point.item) }) { return false }
        return definition.validWhen == nil || point.isStatus
            || !points.contains { $0.isStatus && states[$0.item] == .notAsked }
    }

    private func value(at position: Int, now: Int64) -> DecodedValue { value(of: &points[position], now: now) }

    /// The point is taken where it stands: a copy, for each value of each answer, would cost more than its decoding.
    private func value(of point: inout PolledPoint, now: Int64) -> DecodedValue {
        if case .failed(let reason) = states[point.item] { return DecodedValue(bad: reason) }
        guard states[point.item] == .read else { return DecodedValue(bad: .skipped) }
        var exponent: UInt16?
        if let scaleItem = point.scaleItem {
            if case .failed(let reason) = states[scaleItem] { return DecodedValue(bad: reason) }
            exponent = words(of: scaleItem).first
        }
        let words = words(of: point.item).span
        let decoded =
            point.laterDecoders.isEmpty
            ? point.decoder.decode(words, exponent: exponent)
            : decoder(of: point).decode(words, exponent: exponent)
        guard decoded.reason == .none else { return decoded }
        if let range = point.range, !range.contains(decoded.value) { return DecodedValue(bad: .outOfRange) }
        if let frozenAfter = point.frozenAfter {
            if point.standing != decoded.value {
                point.standing = decoded.value
                point.standingSince = now
            } else if now - point.standingSince >= frozenAfter {
                return DecodedValue(bad: .frozen)
            }
        }
        return decoded
    }

    /// The decoder in force: an answer is scaled as is right when it arrives.
    private func decoder(of point: PolledPoint) -> RegisterDecoder {
        guard let first = point.laterDecoders.first else { return point.decoder }
        let now = Instant(milliseconds: WallClock.milliseconds())
        guard now >= first.from else { return point.decoder }
        return point.laterDecoders.last { $0.from <= now }?.decoder ?? point.decoder
    }
}

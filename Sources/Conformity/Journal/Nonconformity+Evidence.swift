import Crypto
import Metering

extension Nonconformity {
    /// The frozen windows and readings as canonical JSON.
    package var evidence: CanonicalJSON {
        .object([
            .init("windows", .list(windows.map(\.canonical))), .init("points", .list(points.map(\.canonical))),
        ])
    }

    /// SHA-256 of ``evidence`` in lower-case hex: with it in the journal, nobody alters the evidence unseen.
    package var evidenceDigest: String { SHA256.hash(data: Array(evidence.canonicalText.utf8)).hexadecimal }
}

extension EvidenceWindow {
    /// The window as JSON.
    ///
    /// The revision stands there where it is not the first: so the digests of evidence that was recorded without
    /// revisions stay what they were.
    package var canonical: CanonicalJSON {
        var members: [CanonicalJSON.Member] = [
            .init("start", .text(Instant(milliseconds: start).text)),
            .init("end", .text(Instant(milliseconds: end).text)),
            .init("verdict", .text(verdict)), .init("value", .number(value)), .init("limit", .number(limit)),
            .init("coverage", .number(coverage)), .init("status", .text(status)),
        ]
        if let revision, revision > 1 { members.append(.init("revision", .integer(revision))) }
        return .object(members)
    }
}

extension EvidencePoint {
    /// The point's readings as JSON.
    package var canonical: CanonicalJSON {
        .object([
            .init("point", .text(point)), .init("count", .integer(count)), .init("minimum", .number(minimum)),
            .init("maximum", .number(maximum)), .init("first", .number(first)), .init("last", .number(last)),
        ])
    }
}

extension Nonconformity {
    /// Takes the windows that end after an instant into the peak: the demand that ended then, judged again, knows of none of
    /// them. Where the unit is another, the peak stays (Rules 13).
    ///
    /// `isLower`: whether past a limit is below it, by the demand in force at the end of a window. A window not met need not
    /// be past its limit: an allowance is used up by others.
    package mutating func takePeak(
        after end: Instant, isLower: (_ windowEnd: Instant, _ limit: Double) throws -> Bool
    ) rethrows {
        guard let first = limit else { return }
        let last = laterDemands.first { $0.unit != unit }?.since ?? .max
        var isLowerPeak = try isLower(end, first)
        for window in windows where window.verdict == Verdict.notMet.text && window.end > end.milliseconds {
            guard window.end <= last, let value = window.value, let shown = window.limit, let peak, let limit else {
                continue
            }
            let isLow = try isLower(Instant(milliseconds: window.end), shown)
            let isFarther =
                shown == limit && isLow == isLowerPeak
                ? (isLow ? value < peak : value > peak)
                : LimitComparison(decimals: nil).isAbove(
                    isLow ? shown - value : value - shown, isLowerPeak ? limit - peak : peak - limit)
            if isFarther { (self.peak, self.limit, isLowerPeak) = (value, shown, isLow) }
        }
    }
}

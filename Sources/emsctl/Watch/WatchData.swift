import Foundation
import Metering
import PlantAPI
import Platform

/// A time that is shown, and the moment that its age is counted from: the wall clock may be set meanwhile.
struct WatchTime: Sendable {
    var moment: MonotonicMoment
    var time: Instant

    static var now: WatchTime {
        WatchTime(moment: .now, time: Instant(milliseconds: WallClock.milliseconds()))
    }
}

/// What the daemon said last, and how each point went while somebody watched.
struct WatchData: Sendable {
    /// A point as `/v1/points` tells it.
    struct Point: Sendable, Decodable {
        var point: String
        var value: Double?
        var unit: String?
        var quality: String?
        var reason: String?
    }

    /// A meter as `/v1/meters` tells it.
    struct Meter: Sendable, Decodable {
        var meter: String
        var title: String?
        var link: String
        var quality: String?
        var age: Double?
        var polls: Int?
        var errors: Int?
        var rtt: Double?

        enum CodingKeys: String, CodingKey {
            case meter, title, link, quality, age, polls, errors
            case rtt = "rtt_ms"
        }
    }

    var status: StatusDocument?
    var overview: [OverviewDocument.Row] = []
    var meters: [Meter] = []
    var points: [Point] = []
    /// The values of each point since the view was opened, the newest last.
    var history: [String: [Double?]] = [:]
    /// When the daemon last answered everything; nil before the first time.
    var answered: WatchTime?
    /// Why it did not answer the last time.
    var fault: String?

    /// How many values a sparkline has at most.
    static let historyCount = 60

    /// Takes new points along.
    mutating func take(_ points: [Point]) {
        self.points = points
        for point in points {
            var values = history[point.point] ?? []
            values.append(point.quality == "bad" ? nil : point.value)
            history[point.point] = values.suffix(WatchData.historyCount)
        }
    }
}

/// Asks the daemon again and again, as long as nobody pauses it.
struct WatchFeed: Sendable {
    let daemon: Daemon

    /// One round: everything that the view shows.
    func refresh(_ data: WatchData, withAll: Bool) async -> WatchData {
        var data = data
        do {
            data.status = try await document("/v1/status")
            data.take(try await document("/v1/points"))
            if withAll || data.overview.isEmpty {
                let overview: OverviewDocument = try await document("/v1/overview")
                data.overview = overview.indicators
                data.meters = try await document("/v1/meters")
            }
            data.answered = .now
            data.fault = nil
        } catch let refusal as CommandError {
            data.fault = refusal.message
        } catch {
            data.fault = "the daemon's answer cannot be read: \(error)"
        }
        return data
    }

    /// The text of a listing, for a page of its own.
    func text(_ target: String) async -> String {
        var bytes: [UInt8] = []
        do {
            _ = try await daemon.get(target) { bytes += $0 }
            return String(decoding: bytes, as: UTF8.self)
        } catch let refusal as CommandError {
            return refusal.message
        } catch { return "\(error)" }
    }

    /// Acknowledges a nonconformity; returns what to say about it.
    func acknowledge(_ id: String, _ text: String) async -> String {
        do {
            let request = StepRequest(text: text)
            _ = try await daemon.post("/v1/nonconformities/\(id)/ack", JSONEncoder().encode(request)) { _ in }
            return "\(id) acknowledged"
        } catch let refusal as CommandError {
            return refusal.message
        } catch { return "\(error)" }
    }

    private func document<T: Decodable>(_ target: String) async throws -> T {
        var bytes: [UInt8] = []
        _ = try await daemon.get(target) { bytes += $0 }
        return try JSONDecoder().decode(T.self, from: Data(bytes))
    }
}

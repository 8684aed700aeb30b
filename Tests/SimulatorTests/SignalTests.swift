import Metering
import PlantConfiguration
import Scenarios
import Testing

@testable import emsim

@Suite("Signals of a simulated plant")
struct SignalTests {
    static let day: Int64 = 86_400_000

    @Test(
        "a course of lines, steps or a day has the values between its points",
        arguments: [
            (false, nil, 0, 10), (false, nil, 50, 15), (false, nil, 100, 20), (false, nil, 900, 20),
            (true, nil, 99, 10),
            (true, nil, 100, 20), (false, 200, 250, 15), (true, 200, 299, 10), (true, 200, 300, 20),
        ] as [(Bool, Int64?, Int64, Double)])
    func track(isHeld: Bool, period: Int64?, time: Int64, value: Double) throws {
        let track = try #require(Track([(0, 10), (100, 20)], isHeld: isHeld, period: period))
        #expect(track.value(at: time) == value)
    }

    @Test("tracks that make no sense are none")
    func nonsense() {
        #expect(Track([], isHeld: true) == nil)
        #expect(Track([(0, 1), (0, 2)], isHeld: true) == nil)
        #expect(Track([(0, 1), (500, 2)], isHeld: true, period: 400) == nil)
    }

    @Test("a counter is the integral of what it counts, whatever times it is asked for", arguments: [0.0, 7.5])
    func counter(noise: Double) throws {
        let lines = try #require(Track([(0, 0), (10_000, 100), (30_000, 40)], isHeld: false, period: 40_000))
        for course in [SimulatedSignal.Course.constant(36), .ramp(start: 5, rate: 0.002), .track(lines)] {
            let power = SignalSource(SimulatedSignal(course, noise: noise, noiseEvery: 500), seed: 3, name: "power")
            let energy = SignalSource(
                SimulatedSignal(.counter(of: 0, start: 1000, rate: 1 / 3_600_000.0)), seed: 3, name: "energy",
                counted: power)
            var sum = 0.0
            for time in stride(from: Int64(0), to: 100_000, by: 10) {
                if time % 10_000 == 0 { #expect(abs(energy.value(at: time) - 1000 - sum / 3_600_000) < 1e-3) }
                sum += power.value(at: time + 5) * 10
            }
            #expect(energy.value(at: 200_000) == energy.value(at: 200_000))
        }
    }

    @Test("noise stays within its distance, differs by seed and name, and is the same for the same")
    func noise() {
        func values(seed: UInt64, name: String) -> [Double] {
            let source = SignalSource(
                SimulatedSignal(.constant(50), noise: 4, noiseEvery: 1000), seed: seed, name: name)
            return (0..<200).map { source.value(at: Int64($0) * 1000) }
        }
        let first = values(seed: 1, name: "a.b")
        #expect(first.allSatisfy { abs($0 - 50) <= 4 })
        #expect(Set(first).count > 150)
        #expect(first == values(seed: 1, name: "a.b"))
        #expect(first != values(seed: 2, name: "a.b"))
        #expect(first != values(seed: 1, name: "a.c"))
        #expect(first[0] == 50.21701933828601, "the same on every machine, in every version")
    }

    @Test(
        "a fault reigns when it should",
        arguments: [(0, nil), (99, nil), (100, 0), (119, 0), (120, nil), (150, 1), (169, 1), (170, nil)]
            as [(Int64, Int64?)])
    func occurrences(time: Int64, number: Int64?) {
        let fault = SimulatedFault(.silent, of: .meter("m"), from: 100, for: 20, every: 50)
        #expect(fault.occurrence(at: time)?.number == number)
    }
}

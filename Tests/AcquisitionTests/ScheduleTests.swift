import Metering
import Modbus
import Testing

@testable import Acquisition

@Suite("Slots, back-off, reconnecting and the hold of alarms")
struct ScheduleTests {
    private let second: Int64 = 1_000_000_000

    @Test("slots do not drift, however late each poll ends")
    func noDrift() {
        var slots = PollSlots(interval: second, phase: 300_000_000, now: 5 * second)
        // The first poll is at once, and belongs to no slot to come.
        #expect(slots.nextTime == 5 * second)
        #expect(slots.take(at: 5 * second + 10).skipped == 0)
        #expect(slots.nextTime == 5 * second + 300_000_000)
        for number in 0..<1000 {
            let late = Int64(number * 7919 % 900) * 1_000_000
            #expect(slots.nextTime == (5 + Int64(number)) * second + 300_000_000)
            let skipped = slots.take(at: slots.nextTime + late).skipped
            #expect(skipped == 0)
        }
    }

    @Test("late slots are skipped and counted, and the newest is served")
    func skipped() {
        var slots = PollSlots(interval: second, phase: 0, now: 0)
        // Nothing is skipped while the meters of a link wait for each other at the start.
        let start = slots.take(at: second / 2)
        let first = slots.take(at: second)
        let late = slots.take(at: 4 * second + 1)
        #expect(start == (0, 0))
        #expect(first == (1, 0))
        #expect(late == (4, 2))
        #expect(slots.nextTime == 5 * second)
    }

    @Test("the meters of a link are spread evenly over the interval, the same on every start")
    func spread() {
        let phases = (0..<10).map { PollSlots.phase(link: "hall", index: $0, of: 10, interval: second) }
        let sorted = phases.sorted()
        #expect(zip(sorted, sorted.dropFirst()).allSatisfy { $1 - $0 == second / 10 })
        #expect(phases == (0..<10).map { PollSlots.phase(link: "hall", index: $0, of: 10, interval: second) })
        #expect(phases.allSatisfy { (0..<second).contains($0) })
    }

    @Test("links with one meter each are spread over the interval too")
    func spreadLinks() {
        var buckets = Array(repeating: 0, count: 10)
        for number in 0..<1000 {
            buckets[Int(PollSlots.phase(link: "link_\(number)", index: 0, of: 1, interval: second) / (second / 10))] +=
                1
        }
        #expect(buckets.allSatisfy { $0 > 50 && $0 < 170 })
    }

    @Test(
        "a short trouble costs a meter none of its slots, and a long one its neighbours a tenth of the link",
        arguments: [1, 4])
    func backOff(silent: Int) {
        let cost: Int64 = 300_000_000
        var meters = Array(repeating: BackOff(), count: silent)
        var asked: [Int64] = []
        for slot in Int64(0)..<600 {
            for index in meters.indices where meters[index].allows(slot * second, among: silent) {
                meters[index].failed(now: slot * second + cost, cost: cost, among: silent)
                asked.append(slot)
            }
        }
        // The whole of a minute's tenth may go at the beginning.
        #expect(asked.count { $0 < 5 } == 5 * silent)
        let later = asked.count { $0 >= 300 }
        #expect(Int64(later) * cost <= 31 * second && Int64(later) * cost >= 28 * second, "\(later)")
        // Each of them has its share.
        let last = meters.map { meter in
            var meter = meter
            return (Int64(600)...2000).first { meter.allows($0 * second, among: silent) } ?? 9999
        }
        #expect(last.allSatisfy { $0 - 600 <= Int64(3 * silent) + 1 }, "\(last)")
        meters[0].answered()
        let isAsked = meters[0].allows(600 * second, among: silent)
        #expect(isAsked)
        #expect(!meters[0].isProbing)
    }

    @Test("what hurts nobody is not counted, and one failed poll changes nothing")
    func free() {
        var backOff = BackOff()
        for slot in Int64(0)..<1000 {
            let isAsked = backOff.allows(slot * second, among: 1)
            #expect(isAsked)
            backOff.failed(now: slot * second, cost: 0, among: 1)
        }
        var flaky = BackOff()
        let asked = (Int64(0)..<4).map { time in
            defer { if time == 2 { flaky.answered() } else { flaky.failed(now: time, cost: 60 * second, among: 1) } }
            return flaky.allows(time, among: 1)
        }
        #expect(asked == [true, true, false, true])
    }

    @Test("connecting is tried at once, then after 0.5 s doubling to the longest, moved by a fifth at most")
    func reconnect() {
        for seed in UInt64(1)...50 {
            var wait = ReconnectWait(longest: 60 * second, seed: seed)
            let atOnce = wait.next()
            #expect(atOnce == 0)
            for expected in [0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60] {
                let seconds = Double(wait.next()) / 1e9
                #expect(seconds >= expected * 0.8 - 1e-6 && seconds <= expected * 1.2 + 1e-6)
            }
            wait.answered()
            let again = wait.next()
            #expect(again == 0)
        }
    }

    @Test("lost is who misses three slots and ten seconds; a flicker is no alarm")
    func presence() {
        var presence = Presence()
        func misses(_ seconds: some Sequence<Int>) -> [Bool] { seconds.map { presence.miss(now: Int64($0) * second) } }
        func answers() -> Bool { presence.answer() }
        #expect(misses(0..<10) == Array(repeating: false, count: 10))
        #expect(answers() == false)
        #expect(misses(100...111) == Array(repeating: false, count: 10) + [true, false])
        #expect(answers())
        #expect(answers() == false)
        #expect(misses([200, 260, 320]) == [false, false, true])
    }
}

@Suite("The turnaround of a device")
struct TurnaroundTests {
    @Test("it is the median of a few answers, and small differences change nothing")
    func median() {
        var turnaround = Turnaround()
        let changes = (0..<60).map { turnaround.record($0 % 5 == 0 ? 400_000_000 : 20_000_000 + Int64($0) * 10_000) }
        #expect(changes.count { $0 } == 1)
        #expect(turnaround.value > 20_000_000 && turnaround.value < 21_000_000)
        for _ in 0..<15 { _ = turnaround.record(-3) }
        #expect(turnaround.value == 0)
    }

    @Test("a slow device has longer gaps read along")
    func gaps() {
        let link = LinkDefinition(
            name: "bus", transport: .rtu(SerialLine(device: "/dev/null", baud: 9600, parity: .even, stopBits: 1)))
        let points = [UInt16(0), 20].enumerated().map { index, address in
            MeasuredPoint(
                index: PointIndex(index), name: "p\(index)", kind: .gauge,
                map: RegisterMap(table: .holding, address: address, type: .uint16), interval: 1000)
        }
        let meter = MeterDefinition(name: "m", link: "bus", unit: 1, interval: 1000, points: points)
        let poller = MeterPoller(meter, on: link, phase: 0, now: 0)
        #expect(poller.plan(slot: 1).map(\.count) == [1, 1])
        for _ in 0..<15 { poller.noteTurnaround(40_000_000) }
        #expect(poller.plan(slot: 1).map(\.count) == [21])
        // That is worth keeping, once.
        let began = Instant(milliseconds: 1_800_000_000_000)
        #expect(poller.learn(now: 1)?.isNews == true)
        #expect(poller.learn(now: 2)?.isNews != true)
        let facts = poller.facts(now: 2, wallClock: began)
        #expect(facts.turnaround == 40_000)
        let next = MeterPoller(meter, on: link, phase: 0, now: 0)
        next.adopt(facts, now: 0, wallClock: began + 1000)
        #expect(next.plan(slot: 1).map(\.count) == [21])
        #expect(next.facts(now: 0, wallClock: began + 1000).turnaround == 40_000)
        // Nothing but that is known: no trial after a day.
        let expires = next.refused.expire(now: 200_000_000_000_000)
        #expect(!expires)
        for _ in 0..<15 { next.noteTurnaround(5_000_000) }
        #expect(next.plan(slot: 1).map(\.count) == [1, 1])
        #expect(next.learn(now: 1)?.isNews == true)
        #expect(next.facts(now: 1, wallClock: began).isEmpty)
    }
}

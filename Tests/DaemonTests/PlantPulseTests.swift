import Testing

@testable import Daemon

@Suite("What keeps the watchdog quiet")
struct PlantPulseTests {
    @Test(
        "it is fed while the recorder comes on and one link at least comes round; what does not is named",
        arguments: [
            (0, 0, [], true, nil),
            (9_999, 2, [], true, nil),
            (0, 2, ["hall"], true, "no request of link 'hall' comes to its end: look at its device and driver"),
            (0, 1, ["hall"], false, "no request of link 'hall' comes to its end: look at its device and driver"),
            (0, 2, ["a", "b"], false, "no request of link 'a', 'b' comes to its end: look at its device and driver"),
            (10_000, 2, [], false, "the recorder has not come on for 10 s"),
        ] as [(Int64, Int, [String], Bool, String?)])
    func feeding(idle: Int64, links: Int, stuck: [String], isAlive: Bool, complaint: String?) {
        let pulse = PlantPulse(recorderIdle: idle, links: links, stuckLinks: stuck)
        #expect(pulse.isAlive == isAlive)
        #expect(pulse.complaint == complaint)
    }
}

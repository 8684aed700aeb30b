import Metering
import Modbus
import Synchronization
import Testing

@testable import Acquisition

@Suite("Presence of meters and lines")
struct SilentLineTests {
    private let second: Int64 = 1_000_000_000

    @Test("a meter is not lost while that is held back, and has its time again when it begins anew")
    func held() {
        var presence = Presence()
        for moment in 0..<20 {
            let isLost = presence.miss(now: Int64(moment) * second, isHeld: true)
            #expect(!isLost)
            #expect(presence.isMissing && !presence.isLost)
        }
        #expect(presence.willBeLost(now: 20 * second))
        presence.beginAnew()
        #expect(!presence.isMissing)
        let lost = (20..<40).map { presence.miss(now: Int64($0) * second) }
        #expect(lost.firstIndex(of: true) == 10)
        presence.beginAnew()
        #expect(presence.isLost, "what was told stays until there is an answer")
        let isBack = presence.answer()
        #expect(isBack)
    }

    @Test("what is made lost once is not made lost again")
    func lose() {
        var presence = Presence()
        let said = [
            presence.lose(), presence.lose(), presence.miss(now: 0), presence.answer(), presence.answer(),
            presence.lose(),
        ]
        #expect(said == [true, false, false, true, false, true])
    }
}

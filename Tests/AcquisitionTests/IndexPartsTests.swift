import Metering
import Modbus
import Testing

@testable import Acquisition

/// An index of whole units and thousandths that moves while it is read.
@Suite("Parts of one index")
struct IndexPartsTests: PollingOneMeter {
    private func poller(_ addresses: [(UInt16, RegisterTable)]) -> MeterPoller {
        let points = addresses.enumerated().map { index, place in
            point(PointIndex(index), place.0, table: place.1)
        }
        var meter = MeterDefinition(name: "m", link: "hall", unit: 1, interval: 1000, points: points)
        meter.indexParts = [[0, 1]]
        return MeterPoller(meter, on: link, phase: 0, now: 0)
    }

    /// A device whose index moves by 300 thousandths with each answer, or stands.
    private func device(step: Int) -> ScriptedDevice {
        let device = ScriptedDevice()
        var index = 5_100
        device.value = { address in UInt16(address < 100 ? index / 1000 : index % 1000) }
        device.failure = { _ in
            index += step
            return nil
        }
        return device
    }

    @Test("that come with one answer are read once")
    func together() {
        let device = device(step: 300)
        let poller = poller([(10, .holding), (11, .holding)])
        serve(poller, device)
        #expect(device.asked.count == 1)
    }

    @Test(
        "that come with several answers are only good where the coarse one stood still behind the fine one",
        arguments: [false, true])
    func apart(isFineFirst: Bool) {
        let (coarse, fine): (RegisterTable, RegisterTable) = isFineFirst ? (.input, .holding) : (.holding, .input)
        let places: [(UInt16, RegisterTable)] = [(10, coarse), (110, fine)]
        let device = device(step: 300)
        let poller = poller(places)
        var (good, torn) = (0, 0)
        var last = 0.0
        for slot in Int64(1)...60 {
            let values = serve(poller, device, slot: slot).values.sorted { $0.point < $1.point }
            if values.allSatisfy({ $0.quality == .good }) {
                good += 1
                let index = values[0].value * 1000 + values[1].value
                #expect(index > last)
                // Between two good ones lie no more answers than were asked for.
                last = index
            } else {
                torn += 1
                #expect(values.allSatisfy { $0.reason == .torn })
            }
        }
        #expect(good > 5 && torn > 5)
        let still = self.device(step: 0)
        #expect(serve(self.poller(places), still).values.allSatisfy { $0.quality == .good })
        #expect(still.asked.count <= 4)
    }
}

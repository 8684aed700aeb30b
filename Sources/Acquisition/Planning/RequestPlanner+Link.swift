import Metering
import Modbus

extension RequestPlanner {
    /// The planner of a meter on its link.
    ///
    /// On a serial line a gap is read along only where that takes less wire time than another request (its frame of 8
    /// characters, the answer's other 5, two silences and the device's turnaround), and no answer may be so long that it takes
    /// more than four fifths of the timeout. On TCP cells are free.
    init(meter: MeterDefinition, link: LinkDefinition, turnaround: Int64 = Turnaround.assumed) {
        self.init(maxRegisters: min(125, max(1, meter.maxRegisters)))
        if case .rtu(let line) = link.transport, line.baud > 0 {
            let timing = LineTiming(baud: line.baud)
            let another =
                timing.duration(bytes: 13) + 2 * timing.silence + turnaround + link.timing.pause
            largestGap = Int(another / timing.duration(bytes: 2))
            // The median is no promise: now and then a device takes longer.
            let available =
                link.timing.timeout * 4 / 5 - max(turnaround, Turnaround.assumed) - timing.duration(bytes: 5)
            maxRegisters = max(1, min(maxRegisters, Int(available / timing.duration(bytes: 2))))
        }
        if !meter.bridgeHoles { largestGap = 0 }
    }
}

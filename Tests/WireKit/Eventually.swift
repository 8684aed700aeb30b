import Modbus
import Platform

/// Waits until something holds, which is asked every 2 ms; false after a minute.
///
/// What comes over a wire comes when the machine has time for it: the minute only ends what will never come.
package func eventually(_ holds: () -> Bool) -> Bool {
    let limit = MonotonicMoment.now + .seconds(60)
    while !holds() {
        guard MonotonicMoment.now < limit else { return false }
        Readiness.sleep(until: MonotonicTime.now() + 2_000_000)
    }
    return true
}

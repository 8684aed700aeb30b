import CPlatform

/// What the system says of its clock, and the program of its age.
package enum SystemClock {
    /// The date on which this program was compiled, in whatever zone that was; nil where the compiler wrote none.
    package static let buildDate: (year: Int, month: Int, day: Int)? = {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let words = String(cString: emsd_build_date()).split(separator: " ")
        guard words.count == 3, let month = months.firstIndex(of: String(words[0])), let day = Int(words[1]),
            let year = Int(words[2])
        else { return nil }
        return (year, month + 1, day)
    }()

    /// Whether the system says that its clock is synchronised.
    ///
    /// Where the program may not ask the kernel, as under its unit, the answer comes from systemd's time daemon: the first
    /// time that somebody asks, and once a minute, it comes a moment later.
    package static func isSynchronised() -> Bool {
        let answer = emsd_clock_is_synchronised()
        return answer < 0 ? TimeDaemon.shared.isSynchronised() : answer != 0
    }
}

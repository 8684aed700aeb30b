import Foundation

/// Who loads a configuration, how and why: what the journal says of it.
package struct ConfigurationLoad: Sendable, Hashable {
    /// On which occasion.
    package enum Occasion: String, Sendable, Hashable {
        case start, reload, replay
    }

    package var occasion: Occasion
    package var who: String
    /// What was said with it.
    package var reason: String?

    /// By somebody.
    package init(_ occasion: Occasion, by who: String, reason: String? = nil) {
        self.occasion = occasion
        self.who = who
        self.reason = reason
    }

    /// By whoever runs this process.
    package init(_ occasion: Occasion) {
        self.init(occasion, by: ConfigurationLoad.user)
    }

    private static var user: String {
        var entry = passwd()
        var buffer = [CChar](repeating: 0, count: 4096)
        var found: UnsafeMutablePointer<passwd>?
        guard getpwuid_r(geteuid(), &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.pw_name
        else { return "uid \(geteuid())" }
        return String(cString: name)
    }
}

import Glibc

/// How many descriptors the process may have open; each link needs two.
package enum DescriptorLimit {
    /// Raises the limit to the most the system allows without privilege; returns it.
    @discardableResult
    package static func raise() -> Int {
        let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(files, &limit) == 0 else { return 0 }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(files, &limit)
        return getrlimit(files, &limit) == 0 ? Int(clamping: limit.rlim_cur) : 0
    }
}

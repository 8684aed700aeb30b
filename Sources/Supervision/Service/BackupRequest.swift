/// Where the daemon copies its database to: the body of `POST /v1/backup`.
package struct BackupRequest: Sendable, Hashable, Codable {
    /// An absolute path, as the daemon sees it.
    package var directory: String

    /// A backup into that directory.
    package init(directory: String) { self.directory = directory }
}

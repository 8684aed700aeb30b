/// The version of the programs.
package enum ProgramVersion {
    /// As `--version` prints it.
    package static let text = "0.1.0"
    /// The day on which it came out, as in the changelog.
    package static let day = "2026-11-27"
}

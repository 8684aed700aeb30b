/// Which listing of the management system.
package enum ManagementListing: String, Sendable {
    case register
    case gaps
    case calibrations
    /// The windows and verdicts that rest on readings in doubt.
    case suspect
    /// The weekly count of values outside the valid range of their calibration function.
    case weeks
    case drift
}

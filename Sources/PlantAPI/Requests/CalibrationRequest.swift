/// What somebody says of a check of a meter: the body of `POST /v1/meters/NAME/calibration`.
package struct CalibrationRequest: Sendable, Hashable, Codable {
    /// When it was checked, written like `--since`.
    package var date: String
    package var due: String?
    /// The certificate's file, and its SHA-256.
    package var certificate: String?
    package var sha256: String?
    /// `pass` or `fail`.
    package var asFound: String

    /// A check.
    package init(date: String, due: String?, certificate: String?, sha256: String?, asFound: String) {
        (self.date, self.due, self.certificate, self.sha256) = (date, due, certificate, sha256)
        self.asFound = asFound
    }
}

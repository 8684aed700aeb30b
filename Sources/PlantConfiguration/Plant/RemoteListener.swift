/// Where the API is served over TLS, and to whom.
package struct RemoteListener: Sendable, Hashable {
    /// `host:port`.
    package var listen: String
    /// The daemon's certificate and those between it and its authority, in PEM.
    package var certificate: String
    /// Its key, in PEM.
    package var key: SecretPlace
    /// The file that says who may ask: a line for each, with a name and a token or the fingerprint of a certificate.
    package var access: SecretPlace

    /// A listener.
    package init(listen: String, certificate: String, key: SecretPlace, access: SecretPlace) {
        self.listen = listen
        self.certificate = certificate
        self.key = key
        self.access = access
    }
}

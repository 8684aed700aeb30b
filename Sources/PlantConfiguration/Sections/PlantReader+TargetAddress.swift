import ConfigurationSource
import Foundation

extension PlantReader {
    /// The address of a forward target. Nothing in it may be a secret: it is kept for ever, and said in logs and listings.
    func url(_ field: Field, of kind: ForwardTarget.Kind) -> String? {
        guard let text = field.name("a URL") else { return nil }
        let schemes: [ForwardTarget.Kind: [String]] = [
            .influx: ["http", "https"], .postgresql: ["postgresql", "postgres"], .sparkplug: ["mqtt", "mqtts"],
        ]
        let allowed = schemes[kind] ?? []
        let example = kind == .influx ? "https://store.example:8428/write" : "\(allowed[0])://host.example/fleet"
        guard let parts = URLComponents(string: text), let scheme = parts.scheme, allowed.contains(scheme),
            let host = parts.host, !host.isEmpty
        else {
            // What is no address may have a password anywhere.
            let said = text.contains(where: { "@?#=".contains($0) }) ? "" : ", not '\(text.prefix(60))'"
            field.error("'url' takes an address such as \(example)\(said)")
            return nil
        }
        if parts.password != nil {
            log.error(
                field.mark,
                "a password may not stand in the configuration, which is kept for ever: write 'password_file' with the path"
            )
            return nil
        }
        if let name = parts.queryItems?.map(\.name).first(where: PlantReader.namesSecret) {
            log.error(
                field.mark,
                "'\(name)' in an address may not stand in the configuration, which is kept for ever: write "
                    + "'\(kind == .influx ? "token_file" : "password_file")' with the path")
            return nil
        }
        if kind == .influx, parts.user != nil {
            log.error(
                field.mark, "the user of an address is not sent: write 'user' and 'password_file', or 'token_file'")
            return nil
        }
        if parts.fragment != nil {
            log.error(field.mark, "nothing behind # is part of an address that is sent: take it away")
            return nil
        }
        return text
    }

    /// Whether what goes by this name in a query is what a server lets somebody in by. What names a file or a way to
    /// be let in is none: `sslkey`, `passfile` and `require_auth` of libpq.
    private static func namesSecret(_ name: String) -> Bool {
        let name = name.lowercased().filter { $0.isLetter }
        if ["sslkey", "passfile", "requireauth"].contains(name) { return false }
        return name == "p" || name == "sig" || name.hasSuffix("key")
            || ["pass", "pwd", "token", "secret", "auth", "credential", "signature"].contains(where: name.contains)
    }
}

import ConfigurationSource
import Foundation
import Metering
import SignedNotes

extension PlantReader {
    /// The systems that get the record.
    func readForward(_ top: Section, site: String) -> [ForwardTarget] {
        names(top, "forward", "forward target").compactMap { name, field in
            guard let section = field.section("forward target '\(name)'") else { return nil }
            defer { section.close() }
            return readTarget(name, section, site: site)
        }
    }

    private func readTarget(_ name: String, _ section: Section, site: String) -> ForwardTarget? {
        guard let kind = section.required("kind")?.word(ForwardTarget.Kind.self) else {
            // Everything else depends on it.
            _ = section.fields
            return nil
        }
        var target = ForwardTarget(
            name: name, kind: kind, url: "", site: site, streams: ForwardTarget.Stream.allCases.filter(kind.takes))
        if let url = section.required("url").flatMap({ url($0, of: kind) }) { target.url = url }
        if let given = section.field("site")?.name("what the site is called there") { target.site = given }
        if let streams = section.field("streams")?.items() {
            target.streams = streams.compactMap { item in
                guard let stream = item.word(ForwardTarget.Stream.self) else { return nil }
                if !kind.takes(stream) { item.error("\(kind.rawValue) does not take \(stream.rawValue)") }
                return stream
            }
        }
        target.since = section.field("since")?.instant(calendar)
        target.user = section.field("user")?.name("a user")
        target.password = secret("password", section)
        target.authority = section.field("ca_file")?.path()
        target.certificate = section.field("certificate_file")?.path()
        target.key = secret("key", section)
        if (target.certificate == nil) != (target.key == nil) {
            log.error(section.mark, "'certificate_file' and 'key_file' belong together in \(section.name)")
        }
        if let after = section.field("alert_after")?.duration(60_000...WrittenDuration.longest) {
            target.alertAfter = after
        }
        if let bytes = section.field("bytes_a_day")?.keptSpace() {
            guard let count = bytes.bytes else {
                log.error(section.mark, "'bytes_a_day' takes a size such as 20MB in \(section.name)")
                return nil
            }
            target.bytesADay = count
        }
        switch kind {
        case .influx:
            target.token = secret("token", section)
            target.replaces = section.field("replaces")?.flag() ?? false
        case .postgresql:
            if let field = section.field("schema"), let schema = field.name("the name of a schema") {
                if !Identifier.isValid(schema) { field.error(Identifier.commandError(schema, as: "schema")) }
                target.schema = schema
            }
            target.witnesses = section.field("witnesses")?.items()?.compactMap { witness($0) } ?? []
        case .sparkplug:
            target.group = section.required("group").flatMap { topic($0) } ?? ""
            target.edge = section.required("edge").flatMap { topic($0) } ?? ""
        }
        return target
    }

    /// A file, or what systemd hands over; never the secret itself.
    func secret(_ what: String, _ section: Section) -> SecretPlace? {
        if section.has(what) {
            section.refuse(
                [what], "may not stand in the configuration, which is kept for ever: write '\(what)_file' with the path"
            )
        }
        let file = section.field("\(what)_file")?.path()
        let credential = section.field("\(what)_credential")?.name("the name of a credential")
        if file != nil, credential != nil {
            log.error(section.mark, "'\(what)_file' and '\(what)_credential' cannot both be given in \(section.name)")
        }
        if let credential, credential.contains("/") {
            section.field("\(what)_credential")?.error(
                "'\(what)_credential' takes the name after LoadCredential=, not a path: write '\(what)_file' for that")
        }
        return file.map { .file($0) } ?? credential.map { .credential($0) }
    }

    private func witness(_ field: Field) -> VerifierKey? {
        guard let text = field.name("a verifier key") else { return nil }
        guard let key = VerifierKey(text: text) else {
            field.error(
                "\(field.label) takes what 'emsctl fleet init' printed as verifier key, not '\(text.prefix(60))'")
            return nil
        }
        guard key.purpose == .cosignature else {
            field.error("\(field.label) takes the key of a witness: '\(key.name)' signs heads of its own")
            return nil
        }
        return key
    }

    private func topic(_ field: Field) -> String? {
        guard let text = field.name("a part of the topic") else { return nil }
        if text.contains(where: { "/+#".contains($0) }) { field.error("'\(field.key)' takes a name without / + and #") }
        return text
    }
}

extension ForwardTarget.Kind {
    /// Whether a target of this kind has a place for a stream.
    func takes(_ stream: ForwardTarget.Stream) -> Bool {
        switch self {
        case .influx: stream != .journal
        case .postgresql: true
        case .sparkplug: stream == .readings
        }
    }
}

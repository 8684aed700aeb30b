import ConfigurationSource
import Conformity
import Foundation
import Metering

extension PlantReader {
    /// The site, and with it the calendar.
    func readSite(_ top: Section) -> Plant.Site? {
        guard let section = top.required("site")?.section("'site'") else { return nil }
        defer { section.close() }
        let name = section.required("name")?.name("the site's name")
        readHolidays(section)
        let isControlled = section.field("change_control")?.flag() ?? false
        guard let field = section.required("timezone"), let zone = field.name("an IANA zone such as Europe/Stockholm")
        else {
            return nil
        }
        if let keptZone, keptZone.name == zone, let calendar = SiteCalendar(identifier: zone, rules: keptZone.rules) {
            self.calendar = calendar
            return name.map { Plant.Site(name: $0, timezone: zone, isChangeControlled: isControlled) }
        }
        let known = TimeZone.knownTimeZoneIdentifiers
        guard zone == "UTC" || known.contains(zone) || ZoneFile.exists(zone),
            let calendar = SiteCalendar(identifier: zone)
        else {
            let wanted = "'timezone' takes an IANA zone such as Europe/Stockholm, and '\(zone.prefix(60))' is none"
            // A city alone is what people say.
            let city = "/" + zone.lowercased().replacing(" ", with: "_")
            if let meant = known.first(where: { $0.lowercased().hasSuffix(city) }) {
                field.error("\(wanted) (did you mean '\(meant)'?)")
            } else {
                log.error(field.mark, wanted, near: zone, among: known)
            }
            return nil
        }
        self.calendar = calendar
        return name.map { Plant.Site(name: $0, timezone: zone, isChangeControlled: isControlled) }
    }

    /// Where the database is, and how long it keeps what.
    func readStorage(_ top: Section) -> Plant.Storage? {
        var storage = Plant.Storage(
            directory: "/var/lib/emsd", readingRetention: nil, indicatorRetention: nil, sync: .normal)
        guard let section = top.field("storage")?.section("'storage'") else { return storage }
        if let directory = section.field("directory")?.path() { storage.directory = directory }
        if let sync = section.field("sync")?.word(Plant.Storage.Sync.self) { storage.sync = sync }
        if let space = section.field("keep_free")?.keptSpace() { storage.keepFree = space }
        if let retention = section.field("retention")?.section("'retention'") {
            storage.readingRetention = retention.field("readings")?.duration()
            storage.indicatorRetention = retention.field("indicators")?.duration()
            retention.close()
        }
        section.close()
        return storage
    }

    /// Windows are computed anew from stored readings at each start: readings must be kept as long as a window lasts.
    func warnOfShortRetention(_ storage: Plant.Storage?, _ top: Section) {
        guard let kept = storage?.readingRetention, let field = top.field("storage"),
            let longest = zip(indicatorNames, rules).compactMap({ name, rule in rule.map { (name, $0.nominalLength) } })
                .max(by: { $0.1 < $1.1 }), longest.1 > kept
        else { return }
        log.warning(
            field.keyMark,
            "readings are kept for \(WrittenDuration.text(kept)), and a window of '\(longest.0)' lasts "
                + "\(WrittenDuration.text(longest.1)): after a start it would miss its beginning"
        )
    }

    /// The alert files.
    func readAlerts(_ top: Section) -> [Plant.AlertDestination] {
        var files: [Plant.AlertDestination] = []
        for item in top.field("alerts")?.items() ?? [] {
            guard let section = item.section("an alert file") else { continue }
            let pathField = section.required("path")
            let path = pathField?.path()
            let format = section.field("format").map { $0.word(Plant.AlertDestination.Format.self) } ?? .json
            let minimum = section.field("minimum").map { $0.word(AlertSeverity.self) } ?? .info
            section.close()
            if let path, files.contains(where: { $0.path == path }) {
                pathField?.error("two alert files cannot share the path '\(path)'")
            } else if let path, let format, let minimum {
                files.append(Plant.AlertDestination(path: path, format: format, minimum: minimum))
            }
        }
        return files
    }

    /// The daemon's socket, and who may change nonconformities over it.
    func readAPI(_ top: Section) -> Plant.API? {
        var api = Plant.API(socket: "/run/emsd/emsd.sock", operators: [])
        guard let section = top.field("api")?.section("'api'") else { return api }
        if let field = section.field("socket"), var socket = field.path() {
            // A path from the working directory may be short where the whole one is too long.
            if socket.utf8.count > 107, let given = field.node.scalar?.text, !given.hasPrefix("/") {
                socket = "./" + given
            }
            // The kernel's address of a Unix socket holds 107 bytes and an end.
            if socket.utf8.count > 107 {
                field.error("'socket' takes a path of at most 107 bytes, not \(socket.utf8.count)")
            }
            api.socket = socket
        }
        api.operators = (section.field("operators")?.items() ?? []).compactMap { $0.name("the name of a system user") }
        api.remote = readRemote(section)
        section.close()
        return api
    }

    /// Where the API is served over TLS.
    private func readRemote(_ api: Section) -> RemoteListener? {
        guard let section = api.field("tls")?.section("'api.tls'") else { return nil }
        defer { section.close() }
        let listen = address(section)
        let certificate = section.required("certificate_file")?.path()
        let key = secret("key", section)
        let access = secret("access", section)
        if key == nil { log.error(section.mark, "'key_file' is missing in 'api.tls': the key of the certificate") }
        if access == nil {
            log.error(
                section.mark,
                "'access_file' is missing in 'api.tls': who may ask, a line for each such as 'anna token …' or "
                    + "'office certificate …'")
        }
        guard let listen, let certificate, let key, let access else { return nil }
        return RemoteListener(listen: listen, certificate: certificate, key: key, access: access)
    }

    /// Where metrics (`metrics`) or the pages (`web`) are served.
    func readListener(_ top: Section, _ key: String) -> String? {
        guard let section = top.field(key)?.section("'\(key)'") else { return nil }
        defer { section.close() }
        return address(section)
    }

    private func address(_ section: Section) -> String? {
        guard let field = section.required("listen"), let listen = field.name("an address such as 127.0.0.1:9746")
        else {
            return nil
        }
        let colon = listen.lastIndex(of: ":")
        let host = colon.map { listen[..<$0] } ?? ""
        let port = colon.flatMap { UInt16(listen[listen.index(after: $0)...]) } ?? 0
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        guard port > 0, !host.isEmpty, isBracketed || !host.contains(":"), !host.contains(where: \.isWhitespace) else {
            field.error("'listen' takes host:port such as 127.0.0.1:9746 or [::1]:9746, not '\(listen.prefix(60))'")
            return nil
        }
        return listen
    }
}

/// The zones of the machine, beyond those that Foundation lists (`Etc/GMT-1` and other links).
private enum ZoneFile {
    static func exists(_ zone: String) -> Bool {
        let isName = zone.unicodeScalars.allSatisfy {
            $0.isASCII
                && ($0.properties.isAlphabetic || $0.properties.numericType != nil
                    || "/_+-".unicodeScalars.contains($0))
        }
        guard isName, zone.contains("/"), !zone.hasPrefix("/") else { return false }
        var isDirectory: ObjCBool = false
        let path = "/usr/share/zoneinfo/\(zone)"
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && !isDirectory.boolValue
    }
}

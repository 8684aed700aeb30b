/// A list as PostgreSQL reads it from a text.
package enum PostgresArray {
    /// Of texts; nil is NULL.
    package static func of(_ values: some Sequence<String?>) -> String {
        var text = "{"
        for value in values {
            if text.utf8.count > 1 { text += "," }
            guard let value else {
                text += "NULL"
                continue
            }
            text += "\""
            for scalar in value.unicodeScalars {
                if scalar == "\"" || scalar == "\\" { text += "\\" }
                if scalar.value != 0 { text.unicodeScalars.append(scalar) }
            }
            text += "\""
        }
        return text + "}"
    }

    /// Of numbers and the like, which need no quotes.
    package static func plain(_ values: some Sequence<String?>) -> String {
        "{" + values.map { $0 ?? "NULL" }.joined(separator: ",") + "}"
    }
}

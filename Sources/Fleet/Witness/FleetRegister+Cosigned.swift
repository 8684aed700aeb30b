import Conformity
import Evidence
import Postgres

extension FleetRegister {
    /// Keeps what was cosigned, so that the sites and everybody else can have it.
    package func keep(_ cosigned: [Cosigned]) throws {
        for one in cosigned {
            try connection.run(
                """
                INSERT INTO \(schema).witness (site, size, root, note) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
                """, [one.site, "\(one.checkpoint.size)", one.checkpoint.root.base64, one.note.text])
        }
        try connection.run(script: "COMMIT")
    }
}

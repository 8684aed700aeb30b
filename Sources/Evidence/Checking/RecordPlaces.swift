/// The places of a database that hold no record: a change there is found by nobody, and changes nothing that is proven.
package enum RecordPlaces {
    /// A line for each.
    package static let unrecorded = [
        "no record stands in: pages of the file that are free, and what is unused in others",
        "no record stands in: the index chunk_by_time and those of unique columns, which SQLite keeps itself (PRAGMA integrity_check)",
        "no record stands in: how lines are broken in the text of the schema",
        "no record stands in: alert and delivery, the outbox of the alert files; what alerts say stands in the journal",
        "no record stands in: learned, what was found out about meters",
        "no record stands in: seal_due and tile, which follow from the readings and the journal",
        "no record stands in: meta, but for the begin of the record, declared exchanges and the seals of evidence",
        "no record stands in: which of several later configurations revised a value, decided or judged again",
        "no record stands in: the clock of hot rows, the last number given to a nonconformity in a year (nc_number)",
    ]
}

import Evidence
import Metering
import SignedNotes
import Storage

/// What a bundle says of itself, in plain words.
struct BundleWords {
    private let scope: BundleScope
    private let site: String
    private let seals: [BundleSeals.Sealed]
    private let head: HeadRecord
    private let note: SignedNote

    init(_ scope: BundleScope, site: String, _ seals: [BundleSeals.Sealed], head: HeadRecord, note: SignedNote) {
        (self.scope, self.site, self.seals, self.head, self.note) = (scope, site, seals, head, note)
    }

    var readme: String {
        let open = seals.filter { $0.seal == nil }
        let origin = Checkpoint(body: note.body)?.origin ?? "?"
        return """
            Evidence of \(site)

            What:    \(scope.nonconformities.isEmpty ? "indicators" : scope.nonconformities.sorted().joined(separator: ", ")); \
            \(scope.indicators.sorted().joined(separator: ", "))
            Windows: \(scope.windows.start.text) to \(scope.windows.end.text)
            Head:    \(head.size) journal lines, signed \(head.time.text) as \(origin)
            \(open.isEmpty ? "" : "Not sealed yet, and therefore not in here: readings of "
                + open.map { "\($0.stretch.start.text) to \($0.stretch.end.text)" }.joined(separator: ", ") + "\n")
            To check it, on any machine with a shell, openssl 3, sha256sum, base64 and xxd, without a network:

                sh verify.sh "FINGERPRINT"

            It answers "holds: …" and exit status 0, or names what is not as it was sealed. The fingerprint of the key was \
            handed over at the first audit of the site; ask the site for nothing else. Without it the script shows that all of \
            this belongs together, and not who signed it.

            What the script shows: these files are the ones that were handed over; the head was signed by that key; each line of \
            journal.jsonl stands under the head; each file of readings is the one that a line of the journal sealed, when the \
            day was over, and before.jsonl and the attachments are those that lines name. What it cannot show: that the meters measured right (calibration.csv, registers.csv), that the key \
            was not stolen (witness/), anything of the time before the first head.

            Whether values, verdicts, decisions about counters and nonconformities follow from the readings: emsctl audit verify \
            --bundle THIS, on any machine, without daemon or database; or by hand, with recompute.md.

            readings/       as they were read: time (UTC), point, value, quality, reason
            before.jsonl    how the record stood where the readings begin, as the journal sealed it: what had been added up, what was
                            ongoing, the values of a baseline
            windows.csv     the values of the indicators, all revisions
            verdicts.csv    what the objectives said of them
            ledger.csv      decisions about counters
            nonconformity.json, attachments.csv   each step of its life; files named as evidence, by SHA-256; those handed
                            over are in attachments/
            registers.csv   meter, link, register and scale of each point
            configuration/  the rules in force, with their dates
            clock.csv, calibration.csv   steps of the clock and checks of meters, as far as they are on record
            journal.jsonl, proofs/, checkpoint, vkey, witness/   what proves it

            """
    }

    var recompute: String {
        """
        # Computing it again

        The rules that were in force stand in `configuration/N/index.json` and the files it names: `0.txt` is the configuration,
        `1.txt` the changes of the zone's clock, the others are profiles of meters. `windows.csv` says in its last column by which
        of them a value was made.

        With emsd:

            emsctl audit verify --bundle THIS

        or, for a configuration N whose windows are wanted:

            cp configuration/N/0.txt emsd.yaml
            emsd replay --config emsd.yaml $(for f in readings/*/*.csv; do printf -- '--readings %s ' "$f"; done) --database /tmp/again
            emsctl --database /tmp/again indicators --format csv

        By hand: a reading of a gauge holds until the next one, and at most `max_gap`; a counter advances by the difference of two
        readings, spread over the time between them, where `ledger.csv` says nothing else. A window takes readings from its start
        on, and before its end. The mean is weighted by time. A window counts where every point covers the part of it that
        `min_coverage` demands (3/4 where nothing is said).
        Readings begin with the local day that holds the hour before the first window.

        """
    }
}

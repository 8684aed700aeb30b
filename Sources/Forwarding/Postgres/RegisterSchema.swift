/// Head office's tables, made by whichever site comes first; keys make a repeated line harmless, and the journal refuses a
/// gap and a broken chain by itself.
package enum RegisterSchema {
    /// The statements for a schema of that name, which must be an identifier; to be run as often as anybody likes.
    package static func script(_ schema: String) -> String {
        "CREATE SCHEMA IF NOT EXISTS \(schema);\nSET LOCAL search_path TO \(schema);\n"
            + tables + journal.replacing("SCHEMA", with: schema) + views
    }

    private static let tables = """
        CREATE TABLE IF NOT EXISTS site (
            site text PRIMARY KEY, first_seen timestamptz NOT NULL DEFAULT now(), last_seen timestamptz NOT NULL DEFAULT now(),
            clock timestamptz, version text, configuration text);
        ALTER TABLE site ADD COLUMN IF NOT EXISTS contradiction text;
        ALTER TABLE site ADD COLUMN IF NOT EXISTS contradicted timestamptz;
        CREATE TABLE IF NOT EXISTS objective (
            site text NOT NULL, objective text NOT NULL, title text, indicator text NOT NULL, unit text,
            definition text NOT NULL, configuration text NOT NULL, since timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (site, objective));
        CREATE TABLE IF NOT EXISTS reading (
            site text NOT NULL, point text NOT NULL, time timestamptz NOT NULL, value double precision,
            quality smallint NOT NULL, reason smallint NOT NULL, unit text, PRIMARY KEY (site, point, time));
        CREATE TABLE IF NOT EXISTS window_value (
            site text NOT NULL, indicator text NOT NULL, "end" timestamptz NOT NULL, start timestamptz NOT NULL,
            revision integer NOT NULL, value double precision, status smallint NOT NULL, coverage double precision NOT NULL,
            flags integer NOT NULL, unit text, PRIMARY KEY (site, indicator, "end", start, revision));
        CREATE TABLE IF NOT EXISTS verdict (
            site text NOT NULL, objective text NOT NULL, "end" timestamptz NOT NULL, start timestamptz NOT NULL,
            verdict smallint, value double precision, bound double precision, unit text, revision integer NOT NULL,
            PRIMARY KEY (site, objective, "end", start));
        CREATE TABLE IF NOT EXISTS nonconformity (
            site text NOT NULL, id text NOT NULL, objective text NOT NULL, title text, severity text NOT NULL,
            state text NOT NULL, condition text NOT NULL, onset timestamptz NOT NULL, raised_at timestamptz NOT NULL,
            cleared_at timestamptz, peak double precision, bound double precision, unit text, recurrence_of text, due date,
            owner text, line bigint NOT NULL, changed timestamptz NOT NULL, PRIMARY KEY (site, id));
        CREATE TABLE IF NOT EXISTS journal (
            site text NOT NULL, n bigint NOT NULL CHECK (n > 0), time timestamptz NOT NULL, line text NOT NULL,
            hash text NOT NULL, received timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (site, n));
        CREATE TABLE IF NOT EXISTS head (
            site text NOT NULL, size bigint NOT NULL, note text NOT NULL, received timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (site, note));
        CREATE TABLE IF NOT EXISTS witness (
            site text NOT NULL, size bigint NOT NULL, root text NOT NULL, note text NOT NULL,
            at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (site, size));

        """

    // The hash is that of the project's journal: SHA-256 over the hash before, a line feed and the line.
    private static let journal = """
        CREATE OR REPLACE FUNCTION journal_follows() RETURNS trigger LANGUAGE plpgsql AS $body$
        DECLARE before text; there text;
        BEGIN
            SELECT line INTO there FROM SCHEMA.journal WHERE site = NEW.site AND n = NEW.n;
            IF FOUND THEN
                IF there <> NEW.line THEN
                    RAISE EXCEPTION 'line % of the journal of % is another one here', NEW.n, NEW.site;
                END IF;
                RETURN NULL;
            END IF;
            IF NEW.n = 1 THEN
                before := repeat('0', 64);
            ELSE
                SELECT hash INTO before FROM SCHEMA.journal WHERE site = NEW.site AND n = NEW.n - 1;
                IF NOT FOUND THEN
                    RAISE EXCEPTION 'line % of the journal of % is not the next one', NEW.n, NEW.site;
                END IF;
            END IF;
            IF encode(sha256(convert_to(before || E'\\n' || NEW.line, 'UTF8')), 'hex') <> NEW.hash THEN
                RAISE EXCEPTION 'line % of the journal of % does not continue its chain', NEW.n, NEW.site;
            END IF;
            RETURN NEW;
        END $body$;
        DROP TRIGGER IF EXISTS journal_follows ON journal;
        CREATE TRIGGER journal_follows BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION journal_follows();

        """

    private static let views = """
        CREATE OR REPLACE VIEW open_by_site AS
            SELECT site, count(*) AS open, count(*) FILTER (WHERE due < current_date) AS overdue,
                count(*) FILTER (WHERE severity = 'critical') AS critical,
                count(*) FILTER (WHERE severity = 'major') AS major, count(*) FILTER (WHERE severity = 'minor') AS minor,
                min(raised_at) AS oldest
            FROM nonconformity WHERE state NOT IN ('closed', 'rejected') GROUP BY site ORDER BY overdue DESC, open DESC;
        CREATE OR REPLACE VIEW overdue AS
            SELECT site, id, objective, title, severity, owner, due, current_date - due AS days_late, state
            FROM nonconformity WHERE state NOT IN ('closed', 'rejected') AND due < current_date ORDER BY due;
        CREATE OR REPLACE VIEW broken_at_several_sites AS
            SELECT objective, count(DISTINCT site) AS sites, array_agg(DISTINCT site ORDER BY site) AS where_,
                min(onset) AS since
            FROM nonconformity WHERE condition = 'ongoing' GROUP BY objective HAVING count(DISTINCT site) > 1
            ORDER BY sites DESC;
        CREATE OR REPLACE VIEW site_state AS
            SELECT s.site, s.last_seen, s.version, s.configuration,
                CASE WHEN s.last_seen < now() - interval '60 minutes' THEN 'not_evaluable'
                    WHEN EXISTS (SELECT 1 FROM nonconformity n WHERE n.site = s.site AND n.condition = 'ongoing')
                        THEN 'not_met' ELSE 'met' END AS state
            FROM site s;
        CREATE OR REPLACE VIEW silent AS
            SELECT site, last_seen, now() - last_seen AS silent_for FROM site
            WHERE last_seen < now() - interval '60 minutes' ORDER BY last_seen;
        CREATE OR REPLACE VIEW worst_coverage AS
            SELECT site, indicator, avg(coverage) AS coverage, count(*) AS windows
            FROM window_value WHERE "end" > now() - interval '7 days' GROUP BY site, indicator ORDER BY coverage;
        CREATE OR REPLACE VIEW limits_in_force AS
            SELECT o.objective, o.definition, count(*) AS sites, array_agg(o.site ORDER BY o.site) AS where_
            FROM objective o GROUP BY o.objective, o.definition ORDER BY o.objective, sites DESC;
        CREATE OR REPLACE VIEW final_value AS
            SELECT DISTINCT ON (site, indicator, "end", start) * FROM window_value
            ORDER BY site, indicator, "end", start, revision DESC;

        """
}

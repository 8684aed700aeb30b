import DatabaseFile
import GRDB
import Metering

extension StoreIdentities {
    /// The names of the database's last plan, in its order; names of earlier plans follow.
    static func stored(in database: Database) throws -> StoreIdentities {
        var names = StoreNames()
        var points: [Int64] = []
        var indicators: [Int64] = []
        var objectives: [Int64] = []
        let order = "ORDER BY position IS NULL, position, id"
        for row in try Row.fetchAll(database, sql: "SELECT id, name, kind, unit, derived FROM point \(order)") {
            points.append(row[0])
            names.points.append(
                StoreNames.Point(
                    name: row[1], kind: PointKind(rawValue: row[2]) ?? .gauge, unit: row[3], isDerived: row[4]))
        }
        for row in try Row.fetchAll(database, sql: "SELECT id, name, title, unit, hidden FROM indicator \(order)") {
            indicators.append(row[0])
            names.indicators.append(StoreNames.Indicator(name: row[1], title: row[2], unit: row[3], isHidden: row[4]))
        }
        for row in try Row.fetchAll(database, sql: "SELECT id, name, title, unit, indicator FROM objective \(order)") {
            objectives.append(row[0])
            names.objectives.append(StoreNames.Objective(name: row[1], title: row[2], unit: row[3], indicator: row[4]))
        }
        return StoreIdentities(names: names, points: points, indicators: indicators, objectives: objectives)
    }

    /// Stores the names of a plan, and gives numbers to those that are new.
    static func adopt(_ plan: StoreNames, in database: Database) throws -> StoreIdentities {
        // An unchanged plan costs no write at each start.
        let stored = try stored(in: database)
        if stored.names == plan, try areInForce(in: database) { return stored }
        try database.execute(
            sql: """
                UPDATE point SET position = NULL;
                UPDATE indicator SET position = NULL;
                UPDATE objective SET position = NULL;
                """)
        let points = try plan.points.enumerated().map { position, point in
            try id(
                database,
                """
                INSERT INTO point (name, position, kind, unit, derived) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET position = excluded.position, kind = excluded.kind, unit = excluded.unit,
                    derived = excluded.derived
                RETURNING id
                """,
                [point.name, position, point.kind.rawValue, point.unit, point.isDerived])
        }
        let indicators = try plan.indicators.enumerated().map { position, indicator in
            try id(
                database,
                """
                INSERT INTO indicator (name, position, title, unit, hidden) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET position = excluded.position, title = excluded.title, unit = excluded.unit,
                    hidden = excluded.hidden
                RETURNING id
                """,
                [indicator.name, position, indicator.title, indicator.unit, indicator.isHidden])
        }
        let objectives = try plan.objectives.enumerated().map { position, objective in
            try id(
                database,
                """
                INSERT INTO objective (name, position, title, unit, indicator) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET position = excluded.position, title = excluded.title, unit = excluded.unit,
                    indicator = excluded.indicator
                RETURNING id
                """,
                [objective.name, position, objective.title, objective.unit, objective.indicator])
        }
        return StoreIdentities(names: plan, points: points, indicators: indicators, objectives: objectives)
    }

    /// Whether no name stands without a place in the plan.
    private static func areInForce(in database: Database) throws -> Bool {
        try ["point", "indicator", "objective"].allSatisfy { table in
            try Int.fetchOne(database, sql: "SELECT 1 FROM \(table) WHERE position IS NULL LIMIT 1") == nil
        }
    }

    /// The numbers of a plan's names where the database has them, and 0 for the rest.
    static func found(_ plan: StoreNames, in database: Database) throws -> StoreIdentities {
        func ids(_ table: String, _ names: [String]) throws -> [Int64] {
            let statement = try database.makeStatement(sql: "SELECT id FROM \(table) WHERE name = ?")
            return try names.map { try Int64.fetchOne(statement, arguments: [$0]) ?? 0 }
        }
        return StoreIdentities(
            names: plan, points: try ids("point", plan.points.map(\.name)),
            indicators: try ids("indicator", plan.indicators.map(\.name)),
            objectives: try ids("objective", plan.objectives.map(\.name)))
    }

    private static func id(_ database: Database, _ sql: String, _ arguments: StatementArguments) throws -> Int64 {
        guard let id = try Int64.fetchOne(database, sql: sql, arguments: arguments) else {
            throw StoreFault(.io, "a name was not stored: check the disk")
        }
        return id
    }
}

import ConfigurationSource
import Metering
import PlantConfiguration

/// Where the fields of a row stand.
struct ReadingColumns {
    /// Why they cannot be found.
    struct Fault: Error { var message: String }

    /// Nil where the time holds the date too.
    var date: Int?
    var time = 0
    /// Nil where all rows are about one point.
    var point: Int?
    var value = 0
    var quality: Int?
    var reason: Int?
    /// Fields that a row has at least.
    var least = 0
    /// Fields of the first row.
    var count = 0
    /// Whether the first row is a header without a doubt.
    var isHeaded = true
    /// The point of all rows.
    var fixed: PointIndex?

    init() {}

    /// The columns that the first row of a file and its form name.
    init(_ row: [String], _ form: ReadingForm) throws(Fault) {
        let words = row.map { word in
            String(word.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
        }
        let heads = words.map { $0.lowercased() }
        var columns: [ReadingForm.ColumnContent: Int] = [:]
        for field in ReadingForm.ColumnContent.allCases {
            switch form.columns[field] {
            case .numbered(let number):
                guard number <= row.count else {
                    throw Fault(message: "has \(row.count) columns, and no column \(number) for the \(field.rawValue)")
                }
                columns[field] = number - 1
            case .named(let name):
                guard let index = heads.firstIndex(of: name.lowercased()) else {
                    throw Fault(
                        message: "the header has no column '\(name)'\(NearestName.hint(for: name, among: words))")
                }
                columns[field] = index
            // The date has a column of its own only where somebody says so.
            case nil where field == .date: continue
            case nil: columns[field] = heads.firstIndex(of: field.rawValue)
            }
        }
        let wanted: [ReadingForm.ColumnContent] = form.point == nil ? [.time, .point, .value] : [.time, .value]
        let missing = wanted.filter { columns[$0] == nil }
        guard missing.isEmpty, let time = columns[.time], let value = columns[.value] else {
            throw Fault(
                message:
                    "the header must name the columns \(form.point == nil ? "time, point and value" : "time and value"), "
                    + "and may name quality"
                    + (form.columns.isEmpty ? "" : ": --columns says where \(missing[0].rawValue) is"))
        }
        date = columns[.date]
        self.time = time
        self.value = value
        point = form.point == nil ? columns[.point] : nil
        quality = columns[.quality]
        reason = columns[.reason]
        least = ((wanted + [.date]).compactMap { columns[$0] }.max() ?? 0) + 1
        count = row.count
        isHeaded = !wanted.allSatisfy { if case .numbered = form.columns[$0] { true } else { false } }
    }
}

import ConfigurationSource
import Indicators
import Metering

extension PlantReader {
    /// A derived point before all of them are known.
    private struct DerivedSketch {
        var name: String
        var index: PointIndex
        var field: Field
        var formulaField: Field?
        var unitField: Field?
        var maxGap: Int64?
    }

    /// The points that are computed from other points.
    func readDerived(_ top: Section) {
        var sketches: [DerivedSketch] = []
        guard let derived = top.field("derived") else { return }
        guard let section = derived.section("'derived'") else {
            unreadable.insert("derived")
            return
        }
        for field in section.fields {
            if let sketch = readSketch(field) { sketches.append(sketch) }
        }
        var formulas: [PointIndex: DerivedPoint] = [:]
        for sketch in sketches {
            guard let field = sketch.formulaField else { continue }
            for version in dated(field, as: "formula") {
                guard let text = formulaText(version.field), let formula = readArithmetic(text, version.field) else {
                    continue
                }
                if let from = version.from {
                    formulas[sketch.index]?.later.append(DatedFormula(from: from, formula: formula, text: text))
                } else {
                    formulas[sketch.index] = DerivedPoint(point: sketch.index, formula: formula, formulaText: text)
                }
            }
        }
        order(sketches, formulas)
        for sketch in sketches where points[Int(sketch.index)].kind == .counter {
            if let point = formulas[sketch.index] { joinParts(of: point, sketch) }
        }
        for sketch in sketches {
            guard let point = formulas[sketch.index], let field = sketch.formulaField else { continue }
            for formula in [point.formula] + point.later.map(\.formula) {
                checkUnits(formula, field, stated: points[Int(sketch.index)].unit, sketch.unitField)
            }
        }
    }

    private func readArithmetic(_ text: String, _ field: Field) -> Expression<PointIndex>? {
        do {
            let formula = try FormulaParser.arithmetic(text, points: pointLookup)
            if formula.leaves.isEmpty { field.error("the formula names no point") }
            return formula
        } catch {
            report(error, in: field)
            return nil
        }
    }

    private func readSketch(_ field: Field) -> DerivedSketch? {
        let name = field.key
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ Identifier.isValid(String($0)) }) else {
            log.error(field.keyMark, "a derived point is named meter.point, not '\(name.prefix(60))'")
            return nil
        }
        if pointIndex[name] != nil {
            log.error(field.keyMark, "there is a measured point '\(name)' already")
            return nil
        }
        let index = PointIndex(points.count)
        pointIndex[name] = index
        points.append(PointDefinition(name: name, kind: .gauge, maxGap: 1))
        guard let section = field.section("derived point '\(name)'") else {
            faultyPoints.insert(name)
            return nil
        }
        let formula = section.required("formula")
        let unitField = section.field("unit")
        points[Int(index)].unit = unitField?.text()
        let maxGap = section.field("max_gap")?.duration()
        readKind(of: index, section, field)
        _ = section.field("title")?.text()
        was.points[name] = formerName(section, isPoint: true)
        section.close()
        return DerivedSketch(
            name: name, index: index, field: field, formulaField: formula, unitField: unitField, maxGap: maxGap)
    }

    /// An index that stands in several registers is a counter like one that stands in one.
    private func readKind(of index: PointIndex, _ section: Section, _ field: Field) {
        let name = field.key
        guard let kindField = section.field("kind") else {
            section.refuse(
                ["max_rate", "modulus", "exchanges", "resets"],
                "belongs to counters: 'kind: counter' makes '\(name)' one")
            return
        }
        let word = kindField.word(KindWord.self)
        guard let word, word == .counter || word == .net else {
            if word == .state || word == .interval {
                kindField.error(
                    "a derived point is a gauge, a counter or net, not of the kind '\(kindField.text() ?? "")'")
            }
            _ = ["max_rate", "modulus", "exchanges", "resets"].map(section.field)
            return
        }
        if word == .net {
            section.refuse(["modulus", "resets"], "means nothing to an index that runs both ways, as '\(name)' does")
        }
        points[Int(index)].kind = .counter
        points[Int(index)].maxRate = section.field("max_rate")?.positive()
        points[Int(index)].modulus = word == .counter ? section.field("modulus")?.positive() : nil
        points[Int(index)].exchanges = readExchanges(section)
        points[Int(index)].counting = readCounting(word, section, 0)
        if !section.has("max_rate") {
            log.warning(
                field.keyMark,
                "counter '\(name)' has no 'max_rate', the most it can advance in an hour: where one of its parts is read a "
                    + "moment before another, a jump would be believed")
        }
    }

    /// Lets each meter know which of its points are parts of one index, from the coarsest to the finest.
    private func joinParts(of point: DerivedPoint, _ sketch: DerivedSketch) {
        let parts = Set(point.inputs)
        /// What one step of a part's register adds to the index.
        func step(_ part: MeasuredPoint) -> Double {
            let none = point.formula.value { _ in 0 } ?? 0
            return abs((point.formula.value { $0 == part.index ? part.map.scale : 0 } ?? none) - none)
        }
        var joined: [MeasuredPoint] = []
        var owners = 0
        for place in meters.indices {
            let own = meters[place].points.filter { parts.contains($0.index) }
            guard !own.isEmpty else { continue }
            owners += 1
            joined += own
            if own.count > 1 {
                meters[place].indexParts.append(own.sorted { step($0) > step($1) }.map(\.index))
            }
        }
        let field = sketch.formulaField ?? sketch.field
        if owners > 1 {
            log.warning(
                field.mark,
                "the parts of counter '\(sketch.name)' belong to several meters, which are never read at one moment: it jumps "
                    + "while one part has moved on and the other has not")
        } else if Set(joined.map(\.interval)).count > 1 {
            log.warning(
                field.mark,
                "the parts of counter '\(sketch.name)' have different intervals: give them the same, or it jumps while one part "
                    + "is older than the other")
        }
    }

    /// Puts each derived point after its inputs; a cycle is a fault, and its path is told.
    private func order(_ sketches: [DerivedSketch], _ formulas: [PointIndex: DerivedPoint]) {
        let cycles = Cycles(count: points.count) {
            Int($0) < self.points.count ? (formulas[PointIndex($0)]?.inputs ?? []).map(Int.init) : []
        }
        for cycle in cycles.found {
            let path = (cycle + [cycle[0]]).map { points[$0].name }.joined(separator: " → ")
            let sketch = sketches.first { Int($0.index) == cycle[0] }
            sketch?.formulaField?.error("the derived points go round in a circle: \(path)")
        }
        let given = Dictionary(uniqueKeysWithValues: sketches.map { ($0.index, $0.maxGap) })
        for index in cycles.order {
            guard let point = formulas[PointIndex(index)] else { continue }
            let smallest = point.inputs.map { points[Int($0)].maxGap }.min() ?? 1
            points[index].maxGap = (given[PointIndex(index)] ?? nil) ?? smallest
            derived.append(point)
        }
    }
}

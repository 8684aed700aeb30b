/// The triangle of a matrix of columns by Householder reflections, which solves least squares for right-hand sides.
struct LeastSquares: Sendable, Hashable {
    /// The columns as they were given.
    let columns: [[Double]]
    private let scales: [Double]
    /// The upper triangle of the scaled columns, by column.
    private var triangle: [[Double]] = []
    private var reflections: [[Double]] = []

    /// The triangle of columns of the same length, more rows than columns; nil where one of them is zero or follows
    /// from the others.
    ///
    /// `magnitudes` are the lengths that the columns had before they were centred: what is left of a column that is
    /// smaller than ``leastPart`` of it is taken for rounding.
    init?(_ columns: [[Double]], magnitudes: [Double]) {
        self.columns = columns
        scales = columns.map { LeastSquares.norm($0[...]) }
        guard scales.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
        var rest = zip(columns, scales).map { column, scale in column.map { $0 / scale } }
        for index in rest.indices {
            let length = LeastSquares.norm(rest[index][index...])
            // Of a scaled column so little is left that it is rounding.
            guard length > 1e-10, length * scales[index] > LeastSquares.leastPart * magnitudes[index] else {
                return nil
            }
            var reflection = Array(rest[index][index...])
            reflection[0] += reflection[0] < 0 ? -length : length
            let half = LeastSquares.norm(reflection[...])
            reflection = reflection.map { $0 / half }
            for other in index..<rest.count { LeastSquares.reflect(&rest[other], from: index, by: reflection) }
            reflections.append(reflection)
            triangle.append(Array(rest[index][...index]))
        }
    }

    /// The same as that by which two numbers are taken for equal (Rules 9).
    static let leastPart = 1e-9

    /// The coefficients that leave the smallest squares.
    mutating func solve(_ values: [Double]) -> [Double] {
        var right = values
        for (index, reflection) in reflections.enumerated() {
            LeastSquares.reflect(&right, from: index, by: reflection)
        }
        var solution = Array(right[..<columns.count])
        for row in solution.indices.reversed() {
            for column in (row + 1)..<max(row + 1, solution.count) {
                solution[row] -= triangle[column][row] * solution[column]
            }
            solution[row] /= triangle[row][row]
        }
        return zip(solution, scales).map { $0 / $1 }
    }

    /// vᵀ (XᵀX)⁻¹ v for the columns X.
    func quadraticForm(_ vector: [Double]) -> Double {
        // With X = QR it is the squared length of R⁻ᵀ v.
        var solution = zip(vector, scales).map { $0 / $1 }
        for row in solution.indices {
            for column in 0..<row { solution[row] -= triangle[row][column] * solution[column] }
            solution[row] /= triangle[row][row]
        }
        var sum = CompensatedSum()
        for value in solution { sum.add(value * value) }
        return sum.value
    }

    /// A diagonal element of (XᵀX)⁻¹.
    func inverseDiagonal(_ index: Int) -> Double {
        quadraticForm(columns.indices.map { $0 == index ? 1 : 0 })
    }

    private static func reflect(_ column: inout [Double], from start: Int, by reflection: [Double]) {
        var product = CompensatedSum()
        for (offset, part) in reflection.enumerated() { product.add(part * column[start + offset]) }
        let twice = 2 * product.value
        for (offset, part) in reflection.enumerated() { column[start + offset] -= twice * part }
    }

    static func norm(_ values: ArraySlice<Double>) -> Double {
        var sum = CompensatedSum()
        for value in values { sum.add(value * value) }
        return sum.value.squareRoot()
    }
}

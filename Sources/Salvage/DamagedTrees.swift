/// The trees of a damaged database file: what hangs together, and the pages that nothing leads to any more.
final class DamagedTrees {
    let file: DamagedFile
    /// Pages of trees that could not be read, or are not what their place demands.
    private(set) var unreadablePages = 0
    /// Rows in readable pages that could not be read.
    private(set) var brokenRows = 0
    /// Whether something leads to a page, by its number.
    private var isVisited: [Bool]

    /// A row, with its number where its table has them.
    typealias RowReader = (_ rowid: Int64, _ fields: [StoredField]) throws -> Void

    init(_ file: DamagedFile) {
        self.file = file
        isVisited = Array(repeating: false, count: file.pageCount + 1)
    }

    /// Tables and indexes of the file by name, with the page where each begins; empty where that page is damaged.
    func roots() throws -> [String: Int] {
        var roots: [String: Int] = [:]
        try rows(ofTreeAt: 1, isIndex: false) { _, fields in
            guard fields.count == 5, let name = fields[1].text, let root = fields[3].integer, root > 1 else { return }
            roots[name] = Int(clamping: root)
        }
        return roots
    }

    /// Every row of a tree that can still be reached.
    func rows(ofTreeAt root: Int, isIndex: Bool, _ body: RowReader) throws {
        var waiting = [root]
        while let number = waiting.popLast() {
            guard visit(number), let page = TreePage(file, number), page.isOfIndex == isIndex else {
                unreadablePages += 1
                continue
            }
            try hand(page, body)
            waiting += page.children.reversed()
        }
    }

    /// The pages with the rows of a table, none of which is read yet, and the largest row number that is certain.
    func leaves(ofTableAt root: Int) -> (pages: [Int], largestKey: Int64) {
        var level = [root]
        var largest: Int64 = 0
        while true {
            // All leaves of a tree are equally deep: one page says what its whole level is.
            guard let sample = level.lazy.compactMap({ TreePage(self.file, $0, wantsRows: false) }).first,
                sample.kind == .tableInterior
            else { break }
            var below: [Int] = []
            for number in level {
                guard visit(number), let page = TreePage(file, number, wantsRows: false), page.kind == .tableInterior
                else {
                    unreadablePages += 1
                    continue
                }
                largest = max(largest, page.largestKey ?? 0)
                below += page.children
            }
            level = below
        }
        return (level.filter { visit($0) }, largest)
    }

    /// The rows of one page that ``leaves(ofTableAt:)`` found.
    func rows(ofLeaf number: Int, _ body: RowReader) throws {
        guard let page = TreePage(file, number), page.kind == .tableLeaf else {
            unreadablePages += 1
            return
        }
        try hand(page, body)
    }

    /// The pages with rows that belong to a tree and that nothing leads to any more.
    ///
    /// The list of pages that the file keeps says which are free or the continuation of a row: those are left alone,
    /// since what lies in them was deleted, or belongs to a row elsewhere.
    func strays() -> [(number: Int, page: TreePage)] {
        guard file.pageCount >= 3 else { return [] }
        var strays: [(Int, TreePage)] = []
        for number in 3...file.pageCount where !isVisited[number] && !file.isBookkeeping(number) {
            let role = file.role(of: number)
            guard role == nil || role == .tree || role == .root,
                let page = TreePage(file, number), page.kind.hasRows, !page.cells.isEmpty
            else { continue }
            // Where the list itself is damaged, only what is a whole page of rows counts as one.
            if role == nil, page.brokenCells > 0 { continue }
            strays.append((number, page))
        }
        return strays
    }

    /// The rows of a page; what is broken is counted.
    func hand(_ page: TreePage, _ body: RowReader) throws {
        brokenRows += page.brokenCells
        for cell in page.cells {
            if let fields = StoredField.fields(cell.payload) {
                try body(cell.rowid, fields)
            } else {
                brokenRows += 1
            }
        }
    }

    /// Notes that something leads to a page; false where it is no page, or two lead to it.
    private func visit(_ number: Int) -> Bool {
        guard number >= 1, number <= file.pageCount, !isVisited[number], !file.isBookkeeping(number) else {
            return false
        }
        isVisited[number] = true
        return true
    }
}

extension TreePage {
    /// Whether it belongs to an index, or to a table that lies in the file like one.
    var isOfIndex: Bool { kind == .indexInterior || kind == .indexLeaf }
}

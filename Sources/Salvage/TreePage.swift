/// One page of a tree in a database file, taken apart with a look at every bound; what does not fit is left out.
///
/// The format is SQLite's (https://www.sqlite.org/fileformat2.html#b_tree_pages).
struct TreePage {
    /// What a page of a tree is.
    enum Kind: UInt8 {
        case indexInterior = 2
        case tableInterior = 5
        case indexLeaf = 10
        case tableLeaf = 13

        /// Whether rows lie in it, and not only the way to them.
        var hasRows: Bool { self != .tableInterior }
        /// Whether it leads to further pages.
        var isInterior: Bool { self == .indexInterior || self == .tableInterior }
    }

    /// A row as it lies in a page: its number, and its bytes as far as they could be read.
    struct Cell {
        /// 0 in an index.
        var rowid: Int64
        var payload: [UInt8]
    }

    let kind: Kind
    /// The pages below, those of smaller keys first.
    private(set) var children: [Int] = []
    /// The largest row number of an interior page's keys.
    private(set) var largestKey: Int64?
    /// Rows whose bytes lie outside of the page, or on pages that are not there.
    private(set) var brokenCells = 0
    /// The rows.
    private(set) var cells: [Cell] = []

    /// Takes a page apart; nil where it is none of a tree.
    ///
    /// `wantsRows`: whether the rows are to be read, which may lie on further pages.
    init?(_ file: DamagedFile, _ number: Int, wantsRows: Bool = true) {
        guard let bytes = file.page(number) else { return nil }
        let head = number == 1 ? 100 : 0
        guard let kind = Kind(rawValue: bytes[head]) else { return nil }
        self.kind = kind
        let count = Int(bytes[head + 3]) << 8 | Int(bytes[head + 4])
        let pointers = head + (kind.isInterior ? 12 : 8)
        guard pointers + 2 * count <= file.usable else { return nil }
        for index in 0..<count {
            let offset = Int(bytes[pointers + 2 * index]) << 8 | Int(bytes[pointers + 2 * index + 1])
            guard offset >= pointers + 2 * count, offset + 4 <= file.usable else {
                brokenCells += 1
                continue
            }
            var place = offset
            if kind.isInterior {
                children.append(Int(bytes.big(offset)))
                place += 4
            }
            if kind == .tableInterior {
                if let key = bytes.varint(&place) { largestKey = max(largestKey ?? .min, key) }
            } else if wantsRows {
                if let cell = TreePage.cell(file, bytes, &place, kind) {
                    cells.append(cell)
                } else {
                    brokenCells += 1
                }
            }
        }
        if kind.isInterior { children.append(Int(bytes.big(head + 8))) }
    }

    private static func cell(_ file: DamagedFile, _ bytes: [UInt8], _ place: inout Int, _ kind: Kind) -> Cell? {
        guard let length = bytes.varint(&place), length >= 0, length <= 1 << 28 else { return nil }
        var rowid: Int64 = 0
        if kind == .tableLeaf {
            guard let number = bytes.varint(&place) else { return nil }
            rowid = number
        }
        let total = Int(length)
        let usable = file.usable
        let most = kind == .tableLeaf ? usable - 35 : (usable - 12) * 64 / 255 - 23
        var local = total
        if total > most {
            let least = (usable - 12) * 32 / 255 - 23
            let fitting = least + (total - least) % (usable - 4)
            local = fitting <= most ? fitting : least
        }
        guard place + local <= usable else { return nil }
        var payload = Array(bytes[place..<place + local])
        if total > local {
            guard place + local + 4 <= usable else { return nil }
            var next = Int(bytes.big(place + local))
            payload.reserveCapacity(total)
            while payload.count < total {
                guard let page = file.page(next) else { return nil }
                next = Int(page.big(0))
                payload += page[4..<(4 + min(usable - 4, total - payload.count))]
            }
        }
        return Cell(rowid: rowid, payload: payload)
    }
}

extension [UInt8] {
    /// SQLite's integer of one to nine bytes, highest first; nil past the end.
    func varint(_ place: inout Int) -> Int64? {
        var value: UInt64 = 0
        for index in 0..<9 {
            guard place < count else { return nil }
            let byte = self[place]
            place += 1
            if index == 8 { return Int64(bitPattern: value << 8 | UInt64(byte)) }
            value = value << 7 | UInt64(byte & 0x7F)
            if byte < 0x80 { break }
        }
        return Int64(bitPattern: value)
    }
}

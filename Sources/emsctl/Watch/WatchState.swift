import Listings
import PlantAPI

/// Where somebody is in the view, and what he is typing.
struct WatchState {
    /// The parts of the view, in the order of the digits that open them.
    enum Panel: Int, CaseIterable {
        case findings, indicators, meters, points

        var title: String {
            switch self {
            case .findings: "1 to do"
            case .indicators: "2 indicators"
            case .meters: "3 meters"
            case .points: "4 points"
            }
        }
    }

    /// What the keys are for at the time.
    enum Mode: Equatable {
        case moving
        /// The filter is being typed.
        case filter
        /// The text of an acknowledgement is being typed.
        case acknowledge(id: String)
        /// A text of its own fills the screen.
        case page(title: String, lines: [String], top: Int)
    }

    var panel = Panel.findings
    var mode = Mode.moving
    var selected: [Panel: Int] = [:]
    var filter = ""
    var typed = ""
    var isPaused = false
    /// What is said in the last line until the next key.
    var notice: String?

    /// What a key asks of the program beyond the view itself.
    enum Request: Equatable {
        case quit
        case open(Panel, name: String)
        case acknowledge(id: String, text: String)
    }

    static let help = [
        "arrows, h j k l   move in a list and from list to list; page up and down, home, end",
        "Tab, 1 2 3 4      the lists",
        "Enter             opens what is marked: a nonconformity's story, a chart, a meter's requests",
        "Esc               back", "/                 filter by a part of the name; Esc takes it away",
        "a                 acknowledge the marked nonconformity: asks for its text",
        "space             pause and go on",
        "?                 this help", "q, Ctrl-C         quit", "",
        "If the terminal is left in disorder (only kill -9 can do that): type 'reset' and Enter.",
    ]

    /// Takes a key; `names` are the rows of the panel as they are shown.
    mutating func take(_ key: WatchKey, names: [String]) -> Request? {
        notice = nil
        switch mode {
        case .moving: return move(key, names)
        case .filter: type(key, into: \.filter) { $0.mode = .moving }
        case .acknowledge(let id):
            var request: Request?
            type(key, into: \.typed) { state in
                state.mode = .moving
                if !state.typed.isEmpty { request = .acknowledge(id: id, text: state.typed) }
                state.typed = ""
            }
            return request
        case .page(let title, let lines, let top): page(key, title, lines, top)
        }
        return nil
    }

    private mutating func move(_ key: WatchKey, _ names: [String]) -> Request? {
        let row = min(selected[panel] ?? 0, max(0, names.count - 1))
        func go(_ to: Int) -> Int { min(max(to, 0), max(0, names.count - 1)) }
        switch key {
        case .up, .character("k"): selected[panel] = go(row - 1)
        case .down, .character("j"): selected[panel] = go(row + 1)
        case .pageUp: selected[panel] = go(row - 10)
        case .pageDown: selected[panel] = go(row + 10)
        case .first, .character("g"): selected[panel] = 0
        case .last, .character("G"): selected[panel] = go(names.count - 1)
        case .tab, .character("l"): step(1)
        case .character("h"): step(-1)
        case .character("1"), .character("2"), .character("3"), .character("4"):
            if case .character(let digit) = key, let number = digit.wholeNumberValue,
                let chosen = Panel(rawValue: number - 1)
            {
                panel = chosen
            }
        case .enter: if names.indices.contains(row) { return .open(panel, name: names[row]) }
        case .back: filter = ""
        case .space: isPaused.toggle()
        case .character("/"):
            filter = ""
            mode = .filter
        case .character("a"):
            if panel == .findings, names.indices.contains(row), names[row].hasPrefix("NC-") {
                typed = ""
                mode = .acknowledge(id: names[row])
            } else {
                notice = "mark a nonconformity in list 1 to acknowledge it"
            }
        case .character("?"): mode = .page(title: "Keys", lines: WatchState.help, top: 0)
        case .character("q"): return .quit
        default: break
        }
        return nil
    }

    private mutating func step(_ by: Int) {
        let count = Panel.allCases.count
        panel = Panel(rawValue: (panel.rawValue + by + count) % count) ?? .findings
    }

    private mutating func type(
        _ key: WatchKey, into text: WritableKeyPath<WatchState, String>, done: (inout WatchState) -> Void
    ) {
        switch key {
        case .character(let character): self[keyPath: text].append(character)
        case .space: self[keyPath: text].append(" ")
        case .backspace: if !self[keyPath: text].isEmpty { self[keyPath: text].removeLast() }
        case .enter: done(&self)
        case .back:
            self[keyPath: text] = ""
            mode = .moving
        default: break
        }
    }

    private mutating func page(_ key: WatchKey, _ title: String, _ lines: [String], _ top: Int) {
        let most = max(0, lines.count - 1)
        switch key {
        case .up, .character("k"): mode = .page(title: title, lines: lines, top: max(0, top - 1))
        case .down, .character("j"): mode = .page(title: title, lines: lines, top: min(most, top + 1))
        case .pageUp: mode = .page(title: title, lines: lines, top: max(0, top - 10))
        case .pageDown, .space: mode = .page(title: title, lines: lines, top: min(most, top + 10))
        case .first: mode = .page(title: title, lines: lines, top: 0)
        case .back, .character("q"), .enter: mode = .moving
        default: break
        }
    }
}

import ArgumentParser
import Foundation
import PlantAPI
import Platform
import Programs
import Synchronization

/// `emsctl watch`
struct WatchVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "The running plant on a full screen: what is wrong, indicators, meters, points.",
        discussion:
            "? shows the keys. The terminal is given back as it was found, whatever ends the program; after kill -9 type "
            + "'reset' and Enter.")

    @OptionGroup var plant: PlantOptions

    @Option(help: "Colour: auto (unless NO_COLOR is set), always or never.")
    var color: ColorChoice = .auto

    @Option(help: "Seconds between two looks at the daemon, 1 to 60; more over a slow line.")
    var every = 1

    func validate() throws {
        guard (1...60).contains(every) else { throw ValidationError("--every takes 1 to 60 seconds") }
    }

    func run() async throws {
        let daemon = try plant.daemon(for: "watch")
        // Who is not there is said before the screen is taken.
        _ = try await daemon.get("/v1/status") { _ in }
        if (ProcessInfo.processInfo.environment["TERM"] ?? "dumb") == "dumb" {
            throw CommandError(.usage, "watch cannot move the cursor on this terminal (TERM=dumb): use 'emsctl status'")
        }
        let wake = try FullScreen.take()
        defer { FullScreen.giveBack() }
        let loop = WatchLoop(feed: WatchFeed(daemon: daemon), wake: wake, color: color, every: every)
        try await OwnThread.run("watch") { try loop.run() }
    }
}

/// Waits for keys, signals and answers, and shows what follows from them.
final class WatchLoop: Sendable {
    private struct Shared {
        var data = WatchData()
        var page: WatchState.Mode?
        var notice: String?
        var isNew = true
        var isPaused = false
        var hasEnded = false
    }

    private let feed: WatchFeed
    private let wake: Int32
    private let color: ColorChoice
    private let every: Int
    private let shared = Mutex(Shared())

    init(feed: WatchFeed, wake: Int32, color: ColorChoice, every: Int) {
        (self.feed, self.wake, self.color, self.every) = (feed, wake, color, every)
    }

    /// Runs until somebody quits.
    func run() throws {
        let asking = Task.detached { await self.ask() }
        defer {
            shared.withLock { $0.hasEnded = true }
            asking.cancel()
        }
        var state = WatchState()
        var painter = ScreenPainter()
        var rest: [UInt8] = []
        while true {
            if FullScreen.takeNews() { painter.forget() }
            let data = shared.withLock { shared in
                shared.isNew = false
                if let page = shared.page { state.mode = page }
                if let notice = shared.notice { state.notice = notice }
                (shared.page, shared.notice) = (nil, nil)
                return shared.data
            }
            let view = WatchView(
                data: data, state: state, form: OutputTerminal.form(wide: false, color: color), now: .now)
            let text = painter.paint(view.lines)
            // A slow line holds this up, and what changes meanwhile is shown once, as it is then.
            if !text.isEmpty { try StandardStreams.output(Array(text.utf8)) }
            for key in WatchKey.keys(in: wait(), rest: &rest) {
                guard let request = state.take(key, names: view.names(of: state.panel)) else { continue }
                if request == .quit { return }
                answer(request, view)
            }
            shared.withLock { $0.isPaused = state.isPaused }
        }
    }

    /// Bytes of keys, or none after a signal, an answer or a second.
    private func wait() -> [UInt8] {
        for _ in 0..<20 {
            var waits = [
                pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
                pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
            ]
            let found = poll(&waits, 2, 50)
            if found > 0 {
                var bytes = [UInt8](repeating: 0, count: 1024)
                if waits[1].revents != 0 {
                    _ = read(wake, &bytes, bytes.count)
                    return []
                }
                let count = read(STDIN_FILENO, &bytes, bytes.count)
                if count > 0 { return Array(bytes.prefix(count)) }
                if count == 0 { raise(SIGHUP) }
                return []
            }
            if shared.withLock({ $0.isNew }) { return [] }
        }
        return []
    }

    private func ask() async {
        var round = 0
        while !shared.withLock({ $0.hasEnded }) {
            let (before, isPaused) = shared.withLock { ($0.data, $0.isPaused) }
            if !isPaused {
                let data = await feed.refresh(before, withAll: round % 3 == 0)
                round += 1
                shared.withLock { shared in
                    if !shared.isPaused { shared.data = data }
                    shared.isNew = true
                }
            }
            try? await Task.sleep(for: .seconds(every))
        }
    }

    /// Fetches what a key asked for, beside the view.
    private func answer(_ request: WatchState.Request, _ view: WatchView) {
        let form = view.form
        let screen =
            "width=\(form.width ?? 80)&height=\((form.height ?? 24) - 1)" + (form.hasColor ? "&color=true" : "")
            + (form.isASCII ? "&ascii=true" : "")
        Task.detached { [self] in
            switch request {
            case .quit: break
            case .acknowledge(let id, let text):
                let said = await feed.acknowledge(id, text)
                shared.withLock { ($0.notice, $0.isNew) = (said, true) }
            case .open(let panel, let name):
                let target = WatchLoop.target(panel, name, screen)
                let text = target == nil ? name : await feed.text(target ?? "")
                let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
                shared.withLock { ($0.page, $0.isNew) = (.page(title: name, lines: lines, top: 0), true) }
            }
        }
    }

    private static func target(_ panel: WatchState.Panel, _ name: String, _ screen: String) -> String? {
        let allowed = CharacterSet.alphanumerics.union(["-", "_", "."])
        let escaped = name.addingPercentEncoding(withAllowedCharacters: allowed) ?? name
        switch panel {
        case .findings: return name.hasPrefix("NC-") ? "/v1/nonconformities/\(escaped)?format=table" : nil
        case .indicators: return "/v1/plot?name=\(escaped)&since=-24h&format=table&\(screen)"
        case .points: return "/v1/plot?name=\(escaped)&since=-1h&format=table&\(screen)"
        case .meters: return "/v1/meters?name=\(escaped)&plan=true&format=table&\(screen)"
        }
    }
}

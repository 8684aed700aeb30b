/// What panes hold, and what follows each other is added up to.
protocol PaneSum {
    init()
    /// Appends the sum of what follows.
    mutating func merge(_ next: Self)
}

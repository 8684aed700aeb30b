extension Double {
    /// The same number, a zero without its sign.
    ///
    /// Both zeros are equal and mean the same, but their bits differ, and SQLite gives back only the positive one: what is
    /// computed must not depend on whether it was stored in between.
    @inlinable package var withoutSignOfZero: Double { self == 0 ? 0 : self }
}

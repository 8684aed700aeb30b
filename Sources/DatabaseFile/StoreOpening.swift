/// What was found when a database was opened to write.
package struct StoreOpening: Sendable, Hashable {
    /// Whether it was made now.
    package var isNew: Bool
    /// Whether its last owner ended without closing it, so that it was checked.
    package var wasUnclean: Bool
    /// Where a damaged database was put, so that a new one could go on; nil where none was damaged.
    package var setAside: String?
    /// What the check found wrong with the one that was set aside.
    package var damage: String?
    /// Whether it is too large to be checked before it is used, and should be checked now (``PlantStore/soundnessCheck``).
    package var isCheckDue = false
    /// Why nothing of the one that was set aside could be taken over; nil where it is being done.
    package var salvageFault: String?

    /// A database that was closed properly.
    package init(isNew: Bool = false, wasUnclean: Bool = false, setAside: String? = nil, damage: String? = nil) {
        self.isNew = isNew
        self.wasUnclean = wasUnclean
        self.setAside = setAside
        self.damage = damage
    }
}

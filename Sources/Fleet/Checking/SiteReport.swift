import Evidence
import Metering
import SignedNotes

/// How the journal of one site stands at head office.
package struct SiteReport: Sendable, Hashable {
    /// In one word; only the first two are in order.
    package enum Standing: String, Sendable {
        case inOrder = "in_order"
        /// Chain and memory hold, but nobody signs for it.
        case unsigned = "no_head"
        /// It has said nothing for an hour.
        case silent
        /// Something does not go on from what was there before.
        case alarm
    }

    /// A head that holds over the lines in the register.
    package struct ProvenHead: Sendable, Hashable {
        package var checkpoint: Checkpoint
        package var note: SignedNote
        package var received: Instant
    }

    package var site: String
    /// How many lines of its journal are there.
    package var lines = 0
    /// The root of the tree over all of them.
    package var root = MerkleHash.empty
    package var heads = 0
    /// The largest head that holds.
    package var newest: ProvenHead?
    /// The most that was seen of it before.
    package var seen: SeenHead?
    /// Since when it has said nothing.
    package var silentSince: Instant?
    /// What does not hold, a sentence each.
    package var alarms: [String] = []

    /// A report on a site of which nothing was looked at yet.
    package init(site: String) { self.site = site }

    package var standing: Standing {
        if !alarms.isEmpty { return .alarm }
        if silentSince != nil { return .silent }
        return newest == nil ? .unsigned : .inOrder
    }

    package var isInOrder: Bool { standing == .inOrder || standing == .unsigned }

    /// What is to be said of it, in sentences; empty: nothing.
    package var findings: [String] {
        if !alarms.isEmpty { return alarms }
        if let silentSince { return ["it has said nothing since \(silentSince.text): what it keeps cannot be judged"] }
        return newest == nil ? ["nobody signs its heads: make a key at the site with 'emsctl audit init'"] : []
    }
}

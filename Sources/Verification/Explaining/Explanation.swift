import Conformity
import Indicators
import Metering

/// One number of the record, taken apart down to the registers that it was read from.
///
/// It is a structure and no text: what shows it decides how (``text(in:)``, ``json``).
package struct Explanation: Sendable, Hashable {
    /// The window and its value.
    package struct Value: Sendable, Hashable {
        package let indicator: String
        package let title: String?
        package let window: Window
        package let value: Double?
        package let unit: String?
        package let status: String
        /// The smallest share of the window that is covered.
        package let coverage: Double
        package let flags: [String]
        package let revision: Int
    }

    /// What an objective said of the window.
    package struct Judgement: Sendable, Hashable {
        package let objective: String
        package let title: String?
        package let reference: String?
        package let verdict: String
        package let value: Double?
        package let limit: Double?
        package let unit: String?
        /// The nonconformity whose evidence has the window.
        package let nonconformity: String?
    }

    /// A part of the formula with what it comes to over the window.
    package struct Part: Sendable, Hashable {
        package let text: String
        package let value: Double?
    }

    /// Readings of a point that were not used, for one reason.
    package struct Unused: Sendable, Hashable {
        package let reason: String
        package let count: Int
    }

    /// One reading.
    package struct Sample: Sendable, Hashable {
        package let time: Instant
        package let value: Double
    }

    /// What a point is read from.
    package struct Register: Sendable, Hashable {
        package let meter: String
        package let title: String?
        package let link: String
        /// How the link reaches the meter.
        package let transport: String
        /// The unit identifier on the link.
        package let unit: Int
        /// `holding 40`: the table and the protocol address, from 0.
        package let address: String
        package let type: String
        package let order: String
        package let scale: Double
        package let offset: Double
        /// The words that the last reading stands for, in hex, where scale and type say that.
        package let words: [String]
        /// What of a good answer makes a bad reading: range, sentinels, `valid_when`.
        package let demands: [String]
        /// The last check of the meter before the window, and what a failed one puts in doubt.
        package let checks: [String]
    }

    /// A point with its readings in the window.
    package struct Point: Sendable, Hashable {
        package let name: String
        package let kind: String
        package let unit: String?
        package let used: Int
        /// Of the used ones, those that are uncertain.
        package let uncertain: Int
        package let first: Sample?
        package let last: Sample?
        package let minimum: Double?
        package let maximum: Double?
        package let unused: [Unused]
        /// What the counter rules decided in the window.
        package let decisions: [String]
        /// Nil for a derived point.
        package let register: Register?
        /// The formula of a derived point.
        package let formula: String?
    }

    /// The values of another indicator that this one is made of.
    package struct Source: Sendable, Hashable {
        package let indicator: String
        package let windows: Int
        package let valid: Int
    }

    /// A revision of the value.
    package struct Revision: Sendable, Hashable {
        package let number: Int
        package let value: Double?
        package let status: String
        package let reason: String?
    }

    /// The configuration that made it.
    package struct Definition: Sendable, Hashable {
        package let version: Int?
        package let digest: String?
        package let since: Instant?
        package let loadedBy: String?
        package let formula: String
        /// `while`, `min_coverage` and the like, in words.
        package let demands: [String]
    }

    /// What proves it.
    package struct Proof: Sendable, Hashable {
        /// Lines of the journal that are about it, and the seals of its readings, by their numbers.
        package let lines: [Int]
        package let seals: [Int]
        /// The first signed head over all of them; nil: none covers them yet.
        package let head: Head?
    }

    /// A signed head.
    package struct Head: Sendable, Hashable {
        package let number: Int
        package let time: Instant
        package let size: Int
        package let root: String
    }

    package let value: Value
    package let judgements: [Judgement]
    package let definition: Definition
    package let parts: [Part]
    package let points: [Point]
    package let sources: [Source]
    package let revisions: [Revision]
    package let proof: Proof
}

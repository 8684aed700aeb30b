import Conformity
import Metering

/// What was taken over from a damaged database, and what was lost, in numbers.
package struct SalvageReport: Sendable, Hashable {
    /// Readings of one point that are gone.
    package struct Loss: Sendable, Hashable {
        package var point: String
        /// From the first of them to the last, which is the window's end.
        package var stretch: Window
        package var readings: Int

        /// Readings of a point.
        package init(point: String, stretch: Window, readings: Int) {
            self.point = point
            self.stretch = stretch
            self.readings = readings
        }
    }

    /// The damaged file.
    package var source: String
    /// Pages of the file, and those of them that could not be read or were not what their place demands.
    package var pages = 0
    package var unreadablePages = 0
    /// Pages in the log behind the place where it breaks.
    package var lostLogPages = 0
    /// Rows that could not be read, or that no sound database takes.
    package var brokenRows = 0
    /// Rows taken over, by table; readings are counted below.
    package var rows: [String: Int] = [:]
    package var readings = 0
    /// Chunks of readings taken over.
    package var chunks = 0
    /// What is known to be gone of the readings, by chunk, in the order of arrival.
    package var losses: [Loss] = []
    /// Rows of fresh readings that could not be read: the last hour at most.
    package var brokenFreshRows = 0
    /// Points, indicators and objectives whose name is gone; what they say is kept as `lost.point-12` and the like.
    package var nameless = 0
    /// Nonconformities whose number is gone between others.
    package var lostNonconformities = 0
    /// Numbers of journal lines that are missing between others.
    package var journalGaps: [ClosedRange<Int>] = []
    /// Journal lines that do not follow from the hash before them: they or it were altered.
    package var alteredJournalLines: [Int] = []
    /// The last line of the journal that was read: the next one follows its hash.
    package var journalSequence = 0
    package var journalHash = JournalChain.origin
    /// Whether the chunks of readings have been taken over, too.
    package var isDone = false

    /// Nothing read yet.
    package init(source: String) { self.source = source }

    /// Readings known to be gone.
    package var lostReadings: Int { losses.reduce(0) { $0 + $1.readings } }

    /// Journal lines that are missing between others.
    package var lostJournalLines: Int { journalGaps.reduce(0) { $0 + $1.count } }

    /// Whether nothing that is known of was lost; a bit that fell over in a row that has no checksum is not seen.
    package var isWhole: Bool {
        unreadablePages == 0 && lostLogPages == 0 && brokenRows == 0 && losses.isEmpty && brokenFreshRows == 0
            && nameless == 0 && lostNonconformities == 0 && journalGaps.isEmpty && alteredJournalLines.isEmpty
    }
}

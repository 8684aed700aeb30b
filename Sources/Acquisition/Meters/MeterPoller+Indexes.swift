import Metering
import Modbus

extension MeterPoller {
    /// Makes sure that what was read of an index that stands in several registers belongs together.
    ///
    /// Parts that came with one answer do. Otherwise the coarse ones are read again behind the finest: where one moved in
    /// between, all of them are bad: torn.
    func settleIndexes(now: Int64, over link: some Asking) {
        for parts in indexParts where parts.allSatisfy({ states[$0] == .read }) {
            if let fault = settle(parts, now: now, over: link) { for part in parts { states[part] = .failed(fault) } }
        }
        areIndexesSettled = true
    }

    private func settle(_ parts: [Int], now: Int64, over link: some Asking) -> Reason? {
        guard let fine = parts.last, parts.contains(where: { answerOfItem[$0] != answerOfItem[fine] }) else {
            return nil
        }
        do throws(ModbusFailure) {
            if parts.contains(where: { answerOfItem[$0] > answerOfItem[fine] }) {
                try readAgain(fine, now: now, over: link)
            }
            let answer = answerOfItem[fine]
            for coarse in parts.dropLast() where answerOfItem[coarse] != answer {
                let before = Array(words(of: coarse))
                try readAgain(coarse, now: now, over: link)
                guard words(of: coarse).elementsEqual(before) else { return .torn }
            }
            return nil
        } catch {
            return error.reason
        }
    }

    private func readAgain(_ item: Int, now: Int64, over link: some Asking) throws(ModbusFailure) {
        let request = PlannedRequest(covering: [item], of: items)
        try ask(toldApart(request, now: now, over: link), now: now, over: link)
    }
}

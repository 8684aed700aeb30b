import PlantAPI
import Testing

@testable import emsctl

@Suite("Where options that every verb has may stand")
struct VerbOrderTests {
    @Test(
        "before the verb, between it and the verb below it, and behind: it is the same",
        arguments: [
            ["--socket", "S", "nc", "list", "--state", "open"], ["nc", "--socket", "S", "list", "--state", "open"],
            ["nc", "list", "--socket", "S", "--state", "open"],
        ])
    func anywhere(arguments: [String]) {
        #expect(VerbOrder.verbFirst(arguments) == ["nc", "list", "--state", "open", "--socket", "S"])
    }

    @Test("what stands behind the first option of the verb's own stays where it is, and so does what follows --")
    func own() {
        let step = ["nc", "ack", "NC-1", "--text", "--socket", "S"]
        #expect(VerbOrder.verbFirst(step) == step)
        #expect(
            VerbOrder.verbFirst(["--database=D", "-v", "enter", "gas.index", "--reason", "r", "--", "-5"])
                == ["enter", "gas.index", "--reason", "r", "--database=D", "-v", "--", "-5"])
        #expect(VerbOrder.verbFirst(["--socket"]) == ["--socket"])
    }

    @Test(
        "a verb that asks neither a daemon nor a database says so where it is told which one to ask",
        arguments: ["check", "qal2", "ast", "salvage", "fleet"], ["--socket", "--database"])
    func selfContained(verb: String, option: String) throws {
        for given in [[option, "x"], [option + "=x"]] {
            let error = #expect(throws: CommandError.self) {
                try VerbOrder.check(VerbOrder.verbFirst(given + [verb]))
            }
            #expect(error?.status == .usage)
            #expect(error?.message.hasPrefix("'\(verb)' takes no \(option): it ") == true)
            try VerbOrder.check(VerbOrder.verbFirst(given + ["status"]))
            try VerbOrder.check([verb, "--"] + given)
        }
    }
}

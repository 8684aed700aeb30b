import Dispatch
import Glibc
import Programs
import emsctl
import emsd
import emsim

/// The one program of a gateway: `emsd`, `emsctl` or `emsim` by the name that it was called with, and `emsd` by any other.
@main
enum AllPrograms {
    static func main() {
        StandardStreams.keepNumbers()
        switch CommandLine.arguments.first?.split(separator: "/").last {
        // It chooses the thread that takes its signals before there is a second one.
        case "emsim": EmsimProgram.main()
        case "emsctl": run { await EmsctlProgram.main() }
        default: run { await EmsdProgram.main() }
        }
    }

    private static func run(_ program: @escaping @Sendable () async -> Void) -> Never {
        Task {
            await program()
            exit(EXIT_SUCCESS)
        }
        dispatchMain()
    }
}

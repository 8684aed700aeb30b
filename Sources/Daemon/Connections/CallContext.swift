import Hummingbird
import NIOCore

/// A request on its connection.
struct CallContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The connection, which knows who called.
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}

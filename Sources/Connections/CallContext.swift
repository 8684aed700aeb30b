import Hummingbird
import NIOCore

/// A request on its connection.
package struct CallContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The connection, which knows who called.
    package let channel: any Channel

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}

import Hummingbird
import NIOCore

/// A request on its connection.
package struct CallContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The connection, which knows who called.
    package let channel: any Channel
    /// Who called, where the list of who may ask over TLS says so; nil: the kernel knows.
    package var remote: Caller?

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}

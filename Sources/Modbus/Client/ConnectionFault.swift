import Glibc
import Platform

/// Why there is no connection to a device: what readings carry for it, and the cause in words for the person who mends it.
package struct ConnectionFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// What readings carry.
    package var failure: ModbusFailure
    /// The cause, as a clause without a full stop: what, where, what the system says, what to do.
    package var description: String

    /// A failure with its cause.
    package init(_ failure: ModbusFailure, _ cause: String) {
        self.failure = failure
        description = cause
    }

    /// A failure of which nothing else is known.
    package init(_ failure: ModbusFailure) { self.init(failure, failure.description) }

    /// The name of a host is not known.
    static func unknown(host: String, _ words: String?) -> ConnectionFault {
        let said = words.map { " (\($0))" } ?? ""
        return ConnectionFault(.linkDown, "the host name '\(host)' is not known\(said): check it, and the name server")
    }

    /// Nobody says whether there is such a host.
    static func unresolved(host: String, seconds: Int64) -> ConnectionFault {
        ConnectionFault(
            .linkDown, "the name server did not answer for '\(host)' within \(seconds) s: check the network")
    }

    /// A host that did not take the connection.
    static func unanswered(host: String, port: UInt16) -> ConnectionFault {
        ConnectionFault(
            .timeout, "\(host) does not answer on port \(port): check its power, its address and the network")
    }

    /// The system could not connect to a host, with that error number.
    static func host(_ host: String, port: UInt16, _ code: Int32) -> ConnectionFault {
        let words = SystemFault.text(code)
        return switch code {
        case ECONNREFUSED:
            ConnectionFault(
                .refused, "\(host) refuses connections on port \(port) (\(words)): check the port, and that it is free")
        case ETIMEDOUT: unanswered(host: host, port: port)
        case ENETUNREACH, EHOSTUNREACH, ENETDOWN, EHOSTDOWN:
            ConnectionFault(.linkDown, "there is no way to \(host) (\(words)): check the network and its address")
        case EACCES, EPERM:
            ConnectionFault(.linkDown, "connections to \(host) are not permitted (\(words)): check the firewall")
        default: ConnectionFault(.linkDown, "\(host) cannot be reached on port \(port) (\(words))")
        }
    }

    /// A serial device could not be opened, with that error number.
    static func device(_ path: String, _ code: Int32) -> ConnectionFault {
        let words = SystemFault.text(code)
        let cause =
            switch code {
            case ENOENT, ENXIO, ENODEV:
                "there is no device \(path) (\(words)): plug the adapter in, or check 'device'"
            case EACCES, EPERM:
                "\(path) may not be opened (\(words)): let the daemon's user be in the device's group, mostly dialout"
            case ENOTTY, EINVAL, EISDIR: "\(path) is no serial line (\(words)): check 'device'"
            case EBUSY: "\(path) is in use by another program (\(words)): stop that one"
            default: "\(path) cannot be opened (\(words)): check the adapter"
            }
        return ConnectionFault(.linkDown, cause)
    }

    /// No line has that rate.
    static func rate(_ path: String, _ baud: Int) -> ConnectionFault {
        ConnectionFault(.linkDown, "\(path) cannot be set to \(baud) baud: 9600, 19200 and 38400 are usual")
    }
}

/// A host's name that could not be looked up.
package struct HostUnknown: Error, Sendable, Hashable {
    /// What the resolver says.
    package var words: String
}

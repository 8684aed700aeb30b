import CMosquitto
import Foundation
import PlantConfiguration
import Platform
import Synchronization

/// One connection to a broker over libmosquitto, driven by the thread that uses it.
///
/// A message counts as sent when the broker has acknowledged it (QoS 1).
final class MQTTConnection {
    /// What the library tells between two steps.
    private final class Notices {
        var connection: Int32?
        var isLost = false
        var acknowledged: Set<Int32> = []
        var messages: [(topic: String, payload: [UInt8])] = []
    }

    private static let patience: Int64 = 20_000
    private static let library: Int32 = mosquitto_lib_init()

    private let mosquitto: OpaquePointer
    private let notices = Notices()
    private let isEnding: @Sendable () -> Bool
    private(set) var bytes = 0

    /// A connection that has not been made yet; `will` is what the broker says when it breaks.
    init(
        id: String, will: (topic: String, payload: [UInt8]), isEnding: @escaping @Sendable () -> Bool
    ) throws(ForwardFailure) {
        guard MQTTConnection.library == MOSQ_ERR_SUCCESS.code else { throw .later("libmosquitto does not start") }
        self.isEnding = isEnding
        guard let made = mosquitto_new(id, true, Unmanaged.passUnretained(notices).toOpaque()) else {
            throw .later("no memory for a connection")
        }
        mosquitto = made
        mosquitto_will_set(made, will.topic, Int32(will.payload.count), will.payload, 1, false)
        mosquitto_connect_callback_set(made) { _, context, code in MQTTConnection.notices(context)?.connection = code }
        mosquitto_disconnect_callback_set(made) { _, context, _ in MQTTConnection.notices(context)?.isLost = true }
        mosquitto_publish_callback_set(made) { _, context, id in
            MQTTConnection.notices(context)?.acknowledged.insert(id)
        }
        mosquitto_message_callback_set(made) { _, context, message in
            guard let message = message?.pointee, let topic = message.topic else { return }
            let payload = UnsafeRawBufferPointer(start: message.payload, count: Int(message.payloadlen))
            guard payload.count <= 65_536, let notices = MQTTConnection.notices(context), notices.messages.count < 100
            else {
                return
            }
            notices.messages.append((String(cString: topic), Array(payload)))
        }
    }

    deinit { mosquitto_destroy(mosquitto) }

    private static func notices(_ pointer: UnsafeMutableRawPointer?) -> Notices? {
        pointer.map { Unmanaged<Notices>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Connects to the target's broker and waits until it agrees.
    func connect(_ target: ForwardTarget) throws(ForwardFailure) {
        let url = URLComponents(string: target.url)
        let isSecure = url?.scheme == "mqtts"
        if isSecure {
            let key = try target.key?.file()
            let authority = target.authority
            let code = mosquitto_tls_set(
                mosquitto, authority, authority == nil ? "/etc/ssl/certs" : nil, target.certificate, key, nil)
            guard code == MOSQ_ERR_SUCCESS.code else {
                throw .denied("the certificates cannot be used: \(words(code))")
            }
            mosquitto_tls_opts_set(mosquitto, 1, "tlsv1.2", nil)
        }
        if let user = target.user ?? url?.user {
            mosquitto_username_pw_set(mosquitto, user, try target.password?.text())
        }
        // Not until it stands: whoever is told to end meanwhile must not come through later, and take the name of who came after him.
        let code = mosquitto_connect_async(
            mosquitto, url?.host ?? "", Int32(url?.port ?? (isSecure ? 8883 : 1883)), 30)
        guard code == MOSQ_ERR_SUCCESS.code else { throw noConnection(code) }
        try drive { $0.connection != nil }
        switch notices.connection ?? 0 {
        case 0: return
        case 4, 5:
            throw .denied(
                "the broker does not let us in: \(String(cString: mosquitto_connack_string(notices.connection ?? 0)))")
        case let code: throw .later("the broker answers: \(String(cString: mosquitto_connack_string(code)))")
        }
    }

    /// Asks for the messages of a topic.
    func subscribe(_ topic: String) throws(ForwardFailure) {
        let code = mosquitto_subscribe(mosquitto, nil, topic, 1)
        guard code == MOSQ_ERR_SUCCESS.code else { throw .later("the broker takes no subscription: \(words(code))") }
    }

    /// Publishes messages and waits until the broker has all of them.
    func publish(_ messages: [(topic: String, payload: [UInt8])]) throws(ForwardFailure) {
        var waiting: Set<Int32> = []
        for message in messages {
            var id: Int32 = 0
            let code = mosquitto_publish(
                mosquitto, &id, message.topic, Int32(message.payload.count), message.payload, 1, false)
            if code == MOSQ_ERR_PAYLOAD_SIZE.code || code == MOSQ_ERR_OVERSIZE_PACKET.code {
                throw .tooLarge(words(code))
            }
            guard code == MOSQ_ERR_SUCCESS.code else { throw .later("the broker takes nothing: \(words(code))") }
            bytes += message.payload.count + message.topic.utf8.count
            waiting.insert(id)
        }
        try drive { notices in waiting.isSubset(of: notices.acknowledged) }
        notices.acknowledged.removeAll()
    }

    /// Keeps the connection alive, and hands out what came.
    func attend() throws(ForwardFailure) -> [(topic: String, payload: [UInt8])] {
        let end = WallClock.steadyMilliseconds() + 20
        try drive { _ in WallClock.steadyMilliseconds() >= end }
        defer { notices.messages = [] }
        return notices.messages
    }

    /// Ends it properly, with a last word.
    func disconnect(saying last: (topic: String, payload: [UInt8])) {
        mosquitto_publish(mosquitto, nil, last.topic, Int32(last.payload.count), last.payload, 0, false)
        _ = mosquitto_loop(mosquitto, 50, 1)
        mosquitto_disconnect(mosquitto)
        _ = mosquitto_loop(mosquitto, 50, 1)
    }

    private func drive(until isDone: (Notices) -> Bool) throws(ForwardFailure) {
        let end = WallClock.steadyMilliseconds() + MQTTConnection.patience
        while !isDone(notices) {
            if isEnding() { throw .ending }
            let code = mosquitto_loop(mosquitto, 20, 1)
            if notices.isLost || code != MOSQ_ERR_SUCCESS.code {
                if notices.connection == nil { throw noConnection(code) }
                throw .later("the connection broke: \(words(code))")
            }
            guard WallClock.steadyMilliseconds() < end else { throw .later("the broker does not answer in time") }
        }
    }

    private func noConnection(_ code: Int32) -> ForwardFailure {
        if code == MOSQ_ERR_TLS.code { return .denied("the broker's certificate is not to be trusted: \(words(code))") }
        return .later("no connection: \(code == MOSQ_ERR_ERRNO.code ? SystemFault.text(errno) : words(code))")
    }

    private func words(_ code: Int32) -> String { String(cString: mosquitto_strerror(code)) }
}

extension mosq_err_t {
    /// As the functions return it.
    fileprivate var code: Int32 { Int32(bitPattern: UInt32(bitPattern: Int32(rawValue))) }
}

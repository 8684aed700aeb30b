import Storage

extension PlantStore: AlertOutbox {
    package func waiting(after number: Int, limit: Int) throws -> [AlertRecord] {
        let alerts = try read { try $0.alerts(after: number, limit: limit) }
        // What is told outlasts a loss of power; where the disk refuses, people are told all the same.
        if !alerts.isEmpty { flush() }
        return alerts
    }

    package func head() throws -> Int { try read { try $0.lastAlert() } }

    package func delivery(path: String) throws -> AlertDelivery? { try read { try $0.delivery(path) } }

    package func record(_ delivery: AlertDelivery) throws { try write { try $0.put(delivery) } }
}

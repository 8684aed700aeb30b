import Storage

extension PlantStore: AlertOutbox {
    package func waiting(after number: Int, limit: Int) throws -> [AlertRecord] {
        try read { try $0.alerts(after: number, limit: limit) }
    }

    package func head() throws -> Int { try read { try $0.lastAlert() } }

    package func delivery(path: String) throws -> AlertDelivery? { try read { try $0.delivery(path) } }

    package func record(_ delivery: AlertDelivery) throws { try write { try $0.put(delivery) } }
}

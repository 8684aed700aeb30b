import Listings

extension RequestPlanListing {
    /// The plans that a configuration leads to as long as nothing is known of the devices.
    ///
    /// Throws a ``ConfigurationRefusal`` where it is broken.
    package init(configuration: String, warn: (String) -> Void) throws {
        self.init(try ConfigurationCheck.load(configuration, warn: warn), facts: [:])
    }
}

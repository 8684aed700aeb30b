import PlantConfiguration
import Platform

extension SecretPlace {
    /// Where it stands, or that it is not to be had.
    func file() throws(ForwardFailure) -> String {
        do { return try path() } catch { throw .denied(error.description) }
    }

    /// The secret as it stands now; it is read for each connection, so that a new one needs no restart.
    func text() throws(ForwardFailure) -> String {
        do { return try SecretFile.line(path()) } catch { throw .denied(error.description) }
    }
}

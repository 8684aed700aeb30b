import Metering
import Testing

/// What a device answers at an address, and what that means.
struct RegisterImage: Sendable, CustomTestStringConvertible {
    var profile: String
    var point: String
    var table: RegisterTable
    var address: UInt16
    var words: [UInt16]
    var value: Double
    /// What stands in the scale register.
    var exponent: UInt16?

    init(
        _ profile: String, _ point: String, _ table: RegisterTable, _ address: UInt16, _ words: [UInt16],
        _ value: Double, exponent: UInt16? = nil
    ) {
        self.exponent = exponent
        self.profile = profile
        self.point = point
        self.table = table
        self.address = address
        self.words = words
        self.value = value
    }

    var testDescription: String { "\(profile) \(point)" }
}

extension RegisterImage {
    /// Written by hand, from the makers' examples where there are some.
    static let shipped = [
        RegisterImage("eastron-sdm630", "power", .input, 0x34, [0x459A, 0x5000], 4.938),
        RegisterImage("eastron-sdm630", "energy_import", .input, 0x48, [0x4640, 0xE400], 12345),
        RegisterImage("eastron-sdm120", "power", .input, 0x0C, [0x44C8, 0x2000], 1.601),
        RegisterImage("eastron-sdm120", "frequency", .input, 0x46, [0x4248, 0x0000], 50),
        RegisterImage("schneider-iem3000", "power", .holding, 3059, [0x4148, 0x0000], 12.5),
        RegisterImage("schneider-iem3000", "energy_import", .holding, 3203, [0, 0, 0x075B, 0xCD15], 123_456.789),
        RegisterImage("schneider-pm5100", "energy_export", .holding, 3207, [0, 1, 0, 0], 4_294_967.296),
        RegisterImage("carlo-gavazzi-em340", "power", .input, 0x28, [0xFFF6, 0xFFFF], -0.001),
        RegisterImage("carlo-gavazzi-em340", "energy_import", .input, 0x34, [0xE240, 0x0001], 12_345.6),
        RegisterImage("carlo-gavazzi-em340", "power_factor", .input, 0x31, [0xFC18], -1),
        RegisterImage("carlo-gavazzi-em24", "energy_import", .input, 0x42, [0x0000, 0x0001], 6553.6),
        RegisterImage("abb-b23", "power", .holding, 0x5B14, [0x0012, 0xD687], 12.34567),
        RegisterImage("abb-b23", "energy_import", .holding, 0x5000, [0, 0, 0x0001, 0x86A0], 1000),
        RegisterImage("abb-b23", "power", .holding, 0x5B14, [0x7FFF, 0xFFFF], .nan),
        RegisterImage("abb-b23", "energy_import", .holding, 0x5000, [0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF], .nan),
        RegisterImage("siemens-pac2200", "power", .holding, 65, [0x44C8, 0x2000], 1.601),
        RegisterImage(
            "siemens-pac2200", "energy_import", .holding, 801, [0x4132, 0xD687, 0x0000, 0x0000], 1234.567),
        RegisterImage(
            "siemens-pac3200", "energy_import_tariff2", .holding, 805, [0x4132, 0xD687, 0x0000, 0x0000], 1234.567),
        RegisterImage("janitza-umg96", "power", .holding, 19_026, [0xC2C8, 0x0000], -0.1),
        RegisterImage("janitza-umg96", "energy_import", .holding, 19_068, [0x4B80, 0x0000], 16_777.216),
        RegisterImage("siemens-pac1600", "power", .holding, 57, [0xFFFF, 0xFC18], -0.01),
        RegisterImage("siemens-pac1600", "energy_import", .holding, 6687, [0x0001, 0x86A0], 100),
        RegisterImage("siemens-mag6000", "flow", .holding, 3002, [0x3BC4, 0x9BA6], 21.6),
        RegisterImage("siemens-mag6000", "volume", .holding, 3014, [0x40C8, 0x1CE6, 0x6666, 0x6666], 12_345.8),
        RegisterImage("krohne-ifc300", "coil_temperature", .input, 6, [0x4392, 0x9333], 20),
        RegisterImage("krohne-ifc300", "volume", .input, 28, [0x40C8, 0x1CE6, 0x6666, 0x6666], 12_345.8),
        RegisterImage("tuf-2000m", "flow", .holding, 0, [0x0000, 0x4148], 12.5),
        RegisterImage("tuf-2000m", "volume", .holding, 8, [0xE240, 0x0001], 123_456),
        // The example of the maker's manual: 0A 11 42 C5 on the wire is 42 C5 0A 11.
        RegisterImage("suto-s430", "flow", .holding, 6, [0x0A11, 0x42C5], 98.519661),
        RegisterImage("suto-s430", "volume", .holding, 8, [0x0002, 0x0001], 65_538),
        RegisterImage("siemens-uh50", "temperature_hot", .holding, 1, [0x1F40], 80),
        RegisterImage("siemens-uh50", "flow", .holding, 4, [0x0000, 0x04D2], 1.234),
        RegisterImage("sick-marsic300", "nox", .input, 1012, [0x42F6, 0xE979], 123.456),
        RegisterImage("sick-marsic300", "live", .discrete, 1004, [1], 1),
        RegisterImage("teledyne-t400", "o3", .input, 18, [0x4248, 0x0000], 50),
        RegisterImage("teledyne-t100", "so2", .input, 34, [0x4148, 0x0000], 12.5),
        RegisterImage("teledyne-t100", "span_calibration", .discrete, 21, [1], 1),
        // The example of the maker's manual: D4 7A 43 E8 on the wire is 465.65997 ppm.
        RegisterImage("vaisala-gmp252", "co2", .holding, 0, [0xD47A, 0x43E8], 465.65997),
        RegisterImage("vaisala-gmp252", "co2", .holding, 0, [0x0000, 0x7FC0], .nan),
        RegisterImage("vaisala-gmp252", "co2_status", .holding, 0x801, [256], 256),
        RegisterImage("vaisala-hmp110", "humidity", .holding, 0, [0x7AE1, 0x41F4], 30.56),
        RegisterImage("vaisala-mgp261", "ch4", .holding, 0, [0x2400, 0x4974], 1_000_000),
        RegisterImage("senseair-s8", "co2", .input, 3, [0x0190], 400),
        // Addresses of SunSpec models count from the model's number.
        RegisterImage("sunspec-meter", "power", .holding, 18, [0xFB2E], -12.34, exponent: 1),
        RegisterImage("sunspec-meter", "voltage_l1", .holding, 8, [0x5A0A], 230.5, exponent: 0xFFFE),
        RegisterImage("sunspec-meter", "energy_import", .holding, 46, [0x0001, 0x86A0], 100, exponent: 0),
        RegisterImage("sunspec-meter", "energy_export", .holding, 38, [0, 0], .nan, exponent: 0),
        RegisterImage("sunspec-meter", "power_l3", .holding, 21, [0x8000], .nan, exponent: 0),
        RegisterImage("sunspec-inverter", "power", .holding, 14, [0x04D2], 12.34, exponent: 1),
        RegisterImage("sunspec-inverter", "state", .holding, 38, [4], 4),
        RegisterImage("airoptic-gaseye", "gas_1", .input, 6, [0x4148, 0x0000], 12.5),
    ]
}

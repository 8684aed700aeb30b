import ConfigurationSource
import Testing

@testable import PlantConfiguration

@Suite("The space that is to stay free")
struct KeptSpaceTests {
    @Test("is a size or a share, and by default the lesser of 200 MB and 5 %")
    func values() {
        #expect(KeptSpace().bytes(of: 64_000_000_000) == 200_000_000)
        #expect(KeptSpace().bytes(of: 1_000_000_000) == 50_000_000)
        #expect(KeptSpace("500MB")?.bytes(of: 1_000_000_000) == 500_000_000)
        #expect(KeptSpace("1.5 GiB")?.bytes(of: 1) == 1_610_612_736)
        #expect(KeptSpace("10%")?.bytes(of: 1_000) == 100)
        #expect(KeptSpace("0%")?.bytes(of: 1_000) == 0)
    }

    @Test("is nothing else", arguments: ["", "200", "MB", "-5%", "100%", "5 percent", "1e3MB", "1..5GB", "99999999TB"])
    func refused(_ text: String) { #expect(KeptSpace(text) == nil) }
}

import Foundation
import Platform

extension Field {
    /// The path of a file or folder, made absolute from the working directory.
    ///
    /// What only a shell would expand is warned of: here it is a name like any other.
    package func path(_ noun: String = "a path") -> String? {
        guard let path = name(noun) else { return nil }
        let whole = AbsolutePath.of(path)
        let shell: String? =
            if path.hasPrefix("~") { "'~'" } else if path.contains("$") { "'$'" } else { nil }
        if let shell {
            warning(
                "\(label) is taken as it is written, and \(shell) stands for nothing here: it is \(whole); write the whole path"
            )
        }
        return whole
    }
}

/// The versions of the software that made a record.
package enum Version {
  package static let program = "0.1.0"

  static var all: [String: String] { ["causalgap": program, "swift": swift] }

  private static var swift: String {
    #if compiler(>=6.4)
      "6.4 or later"
    #elseif compiler(>=6.3)
      "6.3"
    #else
      "6.2"
    #endif
  }
}

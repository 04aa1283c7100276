extension RunRecord {
  /// The device that computed a run.
  package struct Device: Codable, Sendable, Equatable {
    /// The device's name on the command line, with `auto` resolved: `cpu`, `opencl:0:0`, …
    package var selector: String
    package var name: String
    /// `cpu`, `gpu`, `accelerator` or `reference`.
    package var kind: String
    /// `nil` if the device has no driver.
    @Nullable package var driver: String?

    package init(selector: String, name: String, kind: String, driver: String? = nil) {
      self.selector = selector
      self.name = name
      self.kind = kind
      self.driver = driver
    }
  }
}

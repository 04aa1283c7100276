extension RunRecord {
  /// What a run was computed on.
  package struct Device: Codable, Sendable, Equatable {
    /// What names this device on the command line, `auto` already resolved: `cpu`, `opencl:0:0`, …
    package var selector: String
    package var name: String
    /// `cpu`, `gpu`, `accelerator` or `reference`.
    package var kind: String
    /// `nil` where the device has none.
    @Nullable package var driver: String?

    package init(selector: String, name: String, kind: String, driver: String? = nil) {
      self.selector = selector
      self.name = name
      self.kind = kind
      self.driver = driver
    }
  }
}

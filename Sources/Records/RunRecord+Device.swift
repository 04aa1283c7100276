extension RunRecord {
  /// What a run was computed on.
  public struct Device: Codable, Sendable, Equatable {
    /// What names this device on the command line, `auto` already resolved: `cpu`, `opencl:0:0`, …
    public var selector: String
    public var name: String
    /// `cpu`, `gpu`, `accelerator` or `reference`.
    public var kind: String
    /// `nil` where the device has none.
    @Nullable public var driver: String?

    public init(selector: String, name: String, kind: String, driver: String? = nil) {
      self.selector = selector
      self.name = name
      self.kind = kind
      self.driver = driver
    }
  }
}

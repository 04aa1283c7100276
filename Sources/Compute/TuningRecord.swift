/// The fastest parameters found for the kernels of one device under one driver.
public struct TuningRecord: Codable, Equatable, Sendable {
  public static let currentSchema = 1

  /// What was found for one kernel file.
  public struct Entry: Codable, Equatable, Sendable {
    /// Values of the kernel's parameters by name.
    public var parameters: [String: Int]
    /// Of the kernel's source; another source makes the entry stale.
    public var source: String
    /// Of the benchmark's shapes together.
    public var gigaflops: Double
    /// The same with the values that hold without a record.
    public var standardGigaflops: Double
    /// When it was measured, ISO 8601.
    public var date: String

    enum CodingKeys: String, CodingKey {
      case parameters, source, gigaflops, date
      case standardGigaflops = "standard_gigaflops"
    }

    public init(
      parameters: [String: Int], source: String, gigaflops: Double, standardGigaflops: Double, date: String
    ) {
      self.parameters = parameters
      self.source = source
      self.gigaflops = gigaflops
      self.standardGigaflops = standardGigaflops
      self.date = date
    }
  }

  public var schema: Int
  /// As ``DeviceDescription`` has it.
  public var device: String
  /// As ``DeviceDescription`` has it without tuning.
  public var driver: String
  /// By kernel file.
  public var kernels: [String: Entry]

  public init(device: String, driver: String, kernels: [String: Entry] = [:]) {
    schema = Self.currentSchema
    self.device = device
    self.driver = driver
    self.kernels = kernels
  }

  /// Whether the record was measured on this device under this driver.
  public func isOf(_ description: DeviceDescription) -> Bool {
    schema == Self.currentSchema && device == description.name && driver == description.driver
  }
}

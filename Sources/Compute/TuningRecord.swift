/// The fastest parameters found for the kernels of one device under one driver.
package struct TuningRecord: Codable, Equatable, Sendable {
  package static let currentSchema = 1

  /// What was found for one kernel file.
  package struct Entry: Codable, Equatable, Sendable {
    /// Values of the kernel's parameters by name.
    package var parameters: [String: Int]
    /// Of the kernel's source; another source makes the entry stale.
    package var source: String
    /// Of the benchmark's shapes together.
    package var gigaflops: Double
    /// The same with the values that hold without a record.
    package var standardGigaflops: Double
    /// When it was measured, ISO 8601.
    package var date: String

    enum CodingKeys: String, CodingKey {
      case parameters, source, gigaflops, date
      case standardGigaflops = "standard_gigaflops"
    }

    package init(
      parameters: [String: Int], source: String, gigaflops: Double, standardGigaflops: Double, date: String
    ) {
      self.parameters = parameters
      self.source = source
      self.gigaflops = gigaflops
      self.standardGigaflops = standardGigaflops
      self.date = date
    }
  }

  package var schema: Int
  /// As ``DeviceDescription`` has it.
  package var device: String
  /// As ``DeviceDescription`` has it without tuning.
  package var driver: String
  /// By kernel file.
  package var kernels: [String: Entry]

  package init(device: String, driver: String, kernels: [String: Entry] = [:]) {
    schema = Self.currentSchema
    self.device = device
    self.driver = driver
    self.kernels = kernels
  }

  /// Whether the record was measured on this device under this driver.
  package func isOf(_ description: DeviceDescription) -> Bool {
    schema == Self.currentSchema && device == description.name && driver == description.driver
  }
}

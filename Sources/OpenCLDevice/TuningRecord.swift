import Compute

/// The fastest parameters found for the kernels of one device under one driver.
package struct TuningRecord: Codable, Equatable, Sendable {
  package static let currentSchema = 1

  /// The result for one kernel file.
  package struct Entry: Codable, Equatable, Sendable {
    /// The values of the kernel's parameters, by name.
    package var parameters: [String: Int]
    /// Identifies the kernel's source. The entry is ignored for another source.
    package var source: String
    /// The speed on all shapes of the benchmark together.
    package var gigaflops: Double
    /// The speed with the parameters that are used without a record.
    package var defaultGigaflops: Double
    /// The time of the measurement, ISO 8601.
    package var date: String

    enum CodingKeys: String, CodingKey {
      case parameters, source, gigaflops, date
      case defaultGigaflops = "standard_gigaflops"
    }

    package init(
      parameters: [String: Int], source: String, gigaflops: Double, defaultGigaflops: Double, date: String
    ) {
      self.parameters = parameters
      self.source = source
      self.gigaflops = gigaflops
      self.defaultGigaflops = defaultGigaflops
      self.date = date
    }
  }

  package var schema: Int
  /// The device's name in ``DeviceDescription``.
  package var device: String
  /// The driver in ``DeviceDescription``, without tuning.
  package var driver: String
  /// The entries by kernel file.
  package var kernels: [String: Entry]

  package init(device: String, driver: String, kernels: [String: Entry] = [:]) {
    schema = Self.currentSchema
    self.device = device
    self.driver = driver
    self.kernels = kernels
  }

  /// Whether the record was measured on this device with this driver.
  package func isOf(_ description: DeviceDescription) -> Bool {
    schema == Self.currentSchema && device == description.name && driver == description.driver
  }
}

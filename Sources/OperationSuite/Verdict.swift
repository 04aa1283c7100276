/// How one output of one case compares with the reference.
package struct Verdict: Sendable {
  package var operation: String
  package var shape: String
  package var output: String
  /// ‖out − reference‖/‖reference‖; NaN if the case gave no result or left a value out.
  package var error: Double
  package var bound: Double
  /// The selector of the device.
  package var device: String
  /// The message of a thrown error, if any.
  package var message: String?

  /// Whether the error is within the bound. The comparison is written so that NaN fails.
  package var passed: Bool { error <= bound }

  init(
    operation: String, shape: String, output: String, error: Double, bound: Double, device: String,
    message: String? = nil
  ) {
    self.operation = operation
    self.shape = shape
    self.output = output
    self.error = error
    self.bound = bound
    self.device = device
    self.message = message
  }
}

extension Verdict: Codable {
  private enum Key: String, CodingKey {
    case operation, shape, output, error, bound, passed, device, message
  }

  /// Encodes `passed` for readers of the JSON. It is not decoded, because it follows from the other values.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(operation, forKey: .operation)
    try container.encode(shape, forKey: .shape)
    try container.encode(output, forKey: .output)
    // JSON has no NaN and no infinity.
    try container.encode(error.isFinite ? error : nil, forKey: .error)
    try container.encode(bound, forKey: .bound)
    try container.encode(passed, forKey: .passed)
    try container.encode(device, forKey: .device)
    try container.encodeIfPresent(message, forKey: .message)
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    operation = try container.decode(String.self, forKey: .operation)
    shape = try container.decode(String.self, forKey: .shape)
    output = try container.decode(String.self, forKey: .output)
    error = try container.decode(Double?.self, forKey: .error) ?? .nan
    bound = try container.decode(Double.self, forKey: .bound)
    device = try container.decode(String.self, forKey: .device)
    message = try container.decodeIfPresent(String.self, forKey: .message)
  }
}

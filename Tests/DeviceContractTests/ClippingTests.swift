import Compute
import TestSupport
import Testing

@Suite("Clipping and decay in a step of Adam", .serialized)
struct ClippingTests {
  private static let count = 37

  /// The parameters after a step of two models with the given norms.
  private func parameters(
    _ device: any Device, _ change: (inout Adam, any Device) throws -> Void
  ) throws -> [[Float]] {
    let count = 2 * Self.count
    func values(_ factor: Float) throws -> any Buffer {
      try device.makeBuffer((0..<count).map { factor * Float($0 % 13 - 6) })
    }
    var operation = Adam(
      parameters: try values(0.3), gradients: try values(-0.7), firstMoment: try values(0.2),
      secondMoment: try device.makeBuffer([Float](repeating: 0.5, count: count)), count: count, step: 2)
    operation.models = 2
    try change(&operation, device)
    try device.adam(operation)
    let after = try device.read(operation.parameters)
    return [Array(after[..<Self.count]), Array(after[Self.count...])]
  }

  @Test("change no bit if the norm is below the limit and no element decays", arguments: ContractDevice.all)
  func idle(device: ContractDevice) throws {
    let device = try device.make()
    let plain = try parameters(device) { _, _ in }
    let clipped = try parameters(device) {
      $0.clipNorm = 5
      $0.gradientNorms = try $1.makeBuffer([4.9, 0] as [Float])
      $0.weightDecay = 3
      $0.decayWeights = try $1.makeBuffer([0, 0, 0] as [Float])
    }
    #expect(clipped.map(\.bits) == plain.map(\.bits))
  }

  @Test("spoil a model whose norm is NaN, and no other", arguments: ContractDevice.all)
  func notANumber(device: ContractDevice) throws {
    let device = try device.make()
    let plain = try parameters(device) { _, _ in }
    let spoiled = try parameters(device) {
      $0.clipNorm = 5
      $0.gradientNorms = try $1.makeBuffer([.nan, 1] as [Float])
    }
    let isSpoiled = spoiled[0].allSatisfy { $0.isNaN }
    #expect(isSpoiled)
    #expect(spoiled[1].bits == plain[1].bits)
  }

  @Test("apply the decay to elements with a weight only", arguments: ContractDevice.all)
  func weights(device: ContractDevice) throws {
    let device = try device.make()
    let plain = try parameters(device) { _, _ in }
    let decayed = try parameters(device) {
      $0.weightDecay = 100
      $0.decayWeights = try $1.makeBuffer([0, 1, 0] as [Float])
    }
    for (one, other) in zip(plain, decayed) {
      for element in one.indices where !(16..<32).contains(element) {
        #expect(one[element] == other[element])
      }
      let changed = (16..<32).filter { one[$0] != other[$0] }
      // Every thirteenth parameter was zero, which does not decay.
      #expect(changed.count >= 14)
    }
  }
}

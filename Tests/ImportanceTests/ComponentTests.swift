import Importance
import Testing
import Transformer

@Suite("A component's name") struct ComponentTests {
  private let configuration = ModelConfiguration(layers: 2, heads: 3, dModel: 39)

  @Test("is read back as the component, for all of them in order")
  func names() throws {
    let all = Component.all(of: configuration)
    #expect(
      all.map(\.name) == [
        "L0_H0", "L0_H1", "L0_H2", "L0_MLP", "L1_H0", "L1_H1", "L1_H2", "L1_MLP",
      ])
    for component in all { #expect(try Component(named: component.name, in: configuration) == component) }
    #expect(all[5] == .head(layer: 1, head: 1) && all[5].layer == 1 && all[5].head == 1)
    #expect(all[7] == .mlp(layer: 1) && all[7].head == nil)
    #expect(Component.all(of: ModelConfiguration()).count == 20)
  }

  @Test(
    "that the model does not have is refused with a list of the model's components",
    arguments: ["", "L2_H0", "L0_H3", "L2_MLP", "l0_h0", "L0_H", "L0_H-1", "L00_H0", "L0_H0 ", "L0", "MLP"])
  func unknown(name: String) {
    #expect {
      try Component(named: name, in: configuration)
    } throws: { error in
      guard case ImportanceError.unknownComponent(name, _) = error else { return false }
      return ["'\(name)'", "L1_H2", "L1_MLP"].allSatisfy("\(error)".contains)
    }
  }
}

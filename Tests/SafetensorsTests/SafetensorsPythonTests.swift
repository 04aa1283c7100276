import Foundation
import Safetensors
import Testing

/// A file written by the Python package `safetensors` 0.8 (`safetensors.torch.save`), in base 64.
private let pythonFile = """
  gAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJjb25maWciOiJ7XCJuX2xheWVyc1wiOiA0LFxuXCJuYW1lXCI6IFwiw7xcXFwifSJ9
  LCJlLndpZGUiOnsiZHR5cGUiOiJJNjQiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOlswLDE2XX0sImEud2VpZ2h0Ijp7ImR0
  eXBlIjoiRjMyIiwic2hhcGUiOlsyLDNdLCJkYXRhX29mZnNldHMiOlsxNiw0MF19LCJiLnNjYWxhciI6eyJkdHlwZSI6IkYzMiIs
  InNoYXBlIjpbXSwiZGF0YV9vZmZzZXRzIjpbNDAsNDRdfSwiYy5lbXB0eSI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMCw3XSwi
  ZGF0YV9vZmZzZXRzIjpbNDQsNDRdfSwiZC5uYXJyb3ciOnsiZHR5cGUiOiJJMzIiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMi
  Ols0NCw1Ml19fSAgICAgICAAAAAAAAAAgP////////9/AADAPwAAAMAAAAAA5rFhfwAAAIDNzMw9AAAQQPv///8HAAAA
  """

@Suite("Safetensors and the Python package")
struct SafetensorsPythonTests {
  private let config = "{\"n_layers\": 4,\n\"name\": \"ü\\\"}"
  private let weight: [Float] = [1.5, -2, 0, 3e38, -0.0, 0.1]

  private func pythonBytes() throws -> Data {
    try #require(Data(base64Encoded: pythonFile, options: .ignoreUnknownCharacters))
  }

  @Test("a file of the Python package is read")
  func reading() throws {
    let file = try SafetensorsFile(data: pythonBytes())
    #expect(file.names == ["e.wide", "a.weight", "b.scalar", "c.empty", "d.narrow"])
    #expect(file.metadata == ["config": config])
    #expect(
      try file.finiteFloats(named: "a.weight", shape: [2, 3]).map(\.bitPattern) == weight.map(\.bitPattern))
    #expect(try file.floats(named: "b.scalar", shape: []) == [2.25])
    #expect(try file.floats(named: "c.empty", shape: [0, 7]).isEmpty)
    #expect(try file.integers(named: "d.narrow", shape: [2]) == [-5, 7])
    #expect(try file.integers(named: "e.wide", shape: [2]) == [.min, .max])
  }

  @Test("the same content is written as the same bytes as by the Python package")
  func writing() throws {
    let file = try SafetensorsFile(
      metadata: ["config": config],
      tensors: [
        SafetensorsTensor(name: "a.weight", shape: [2, 3], floats: weight),
        SafetensorsTensor(name: "b.scalar", shape: [], floats: [2.25]),
        SafetensorsTensor(name: "c.empty", shape: [0, 7], floats: []),
        SafetensorsTensor(name: "d.narrow", shape: [2], integers: [Int32(-5), 7]),
        SafetensorsTensor(name: "e.wide", shape: [2], integers: [.min, .max] as [Int]),
      ])
    #expect(try file.serialised() == pythonBytes())
  }
}

import Compute
import Foundation
import Kernels
import TestDevices
import Testing

@testable import OpenCLDevice

@Suite("Constraints of kernels")
struct KernelConstraintsTests {
  private let large = KernelLimits(workGroup: 1024, localMemory: 48 << 10)

  @Test("the default values are those of the source", arguments: KernelSources.allCases)
  func standard(file: KernelSources) throws {
    var defined: [String: Int] = [:]
    for match in file.source.matches(of: /#ifndef (\w+)\n#define (\w+) (\d+)\n/) where match.1 == match.2 {
      defined[String(match.1)] = Int(match.3)
    }
    #expect(file.constraints.defaults.values == defined)
    #expect(file.constraints.violation([:], large) == nil)
  }

  @Test("every file declares kernels, and their parameters are read from the source")
  func declarations() throws {
    for file in KernelSources.allCases {
      let kernels = file.declarations
      #expect(!kernels.isEmpty && Set(kernels.map(\.name)).count == kernels.count, "\(file.fileName)")
      #expect(kernels.count == file.source.matches(of: /__kernel/).count, "\(file.fileName)")
      #expect(kernels.allSatisfy { kernel in kernel.parameters.allSatisfy { !$0.name.isEmpty } })
      #expect(!file.source.contains("#include"), "\(file.fileName)")
    }
    let adam = try #require(KernelSources.adam.declarations.first)
    #expect(adam.name == "adam")
    #expect(
      adam.parameters.map(\.name).prefix(5) == [
        "parameters", "gradients", "firstMoment", "secondMoment", "count",
      ])
    #expect(
      adam.parameters.map(\.kind) == [.memory, .memory, .memory, .memory, .long, .int]
        + Array(repeating: .float, count: 7) + [.memory, .float, .memory, .float])
    let norm = try #require(KernelSources.layerNormLocal.declarations.first)
    #expect(norm.parameters.suffix(3).map(\.kind) == [.memory, .int, .int])
  }

  @Test("tunable kernels and the operations that run them are listed")
  func tunable() {
    let names = [
      Attention.name, AttentionBackward.name, ColumnMeans.name, CrossEntropy.name, LayerNorm.name,
      LayerNormGradients.name, Matmul.name, MatmulInputGradient.name,
      MatmulWeightGradient.name, Adam.name, Add.name,
    ]
    func tuned(_ family: KernelFamily) -> [String: [String]] {
      Dictionary(
        uniqueKeysWithValues: TunableKernel.all(family).map { kernel in
          (kernel.name, names.filter(kernel.runs))
        })
    }
    #expect(
      tuned(.register) == [
        "matmul": [Matmul.name, MatmulInputGradient.name],
        "matmul_weight_gradient": [MatmulWeightGradient.name],
      ])
    #expect(
      tuned(.local) == [
        "attention_local": [Attention.name], "attention_backward_local": [AttentionBackward.name],
        "column_means_local": [ColumnMeans.name], "cross_entropy_local": [CrossEntropy.name],
        "layer_norm_local": [LayerNorm.name],
        "layer_norm_gradients_local": [LayerNormGradients.name],
        "matmul_local": [Matmul.name], "matmul_input_gradient_local": [MatmulInputGradient.name],
        "matmul_weight_gradient_local": [MatmulWeightGradient.name],
      ])
  }

  @Test("every candidate satisfies the constraints, and the default values are one of them")
  func candidates() {
    for kernel in KernelFamily.allCases.flatMap(TunableKernel.all) {
      let constraints = kernel.file.constraints
      let candidates = constraints.candidates(large)
      #expect(candidates.count > 3, "\(kernel.name)")
      #expect(candidates.allSatisfy { constraints.violation($0, large) == nil })
      #expect(candidates.contains { constraints.defaults.overridden(by: $0) == constraints.defaults })
    }
  }

  @Test("some parameters fit even the smallest devices", arguments: [1, 5, 16, 32, 64, 100, 256])
  func smallest(headWidth: Int) {
    for limits in [
      KernelLimits(workGroup: 1, localMemory: 16 << 10), KernelLimits(workGroup: 64, localMemory: 4 << 10),
      KernelLimits(workGroup: 64, items: [64, 1, 1], localMemory: 16 << 10),
      KernelLimits(workGroup: 1024, items: [128, 2, 1], localMemory: 16 << 10),
      KernelLimits(workGroup: 256, localMemory: 32 << 10), large,
    ] {
      for file in KernelSources.allCases {
        let fixed: KernelValues =
          file.constraints.defaults.values["HEAD_WIDTH"] == nil ? [:] : ["HEAD_WIDTH": headWidth]
        let values = file.constraints.resolve(fixed: fixed, limits)
        let violation = file.constraints.violation(values, limits)
        #expect(violation == nil, "\(file.fileName), \(limits)")
      }
    }
  }

  @Test("a violated constraint is described in words")
  func violations() {
    let tile = KernelSources.matmulLocal.constraints
    #expect(tile.violation(["TILE_ROWS": 62], large)?.contains("multiple") == true)
    #expect(tile.violation(["MICRO_ROWS": 0], large)?.contains("must be in 4...16") == true)
    #expect(tile.violation(["TILE_ROW": 64], large) == "there is no parameter TILE_ROW")
    let narrow = KernelLimits(workGroup: 64, localMemory: 48 << 10)
    #expect(tile.violation([:], narrow)?.contains("a group of [128] work-items") == true)
    let little = KernelLimits(workGroup: 1024, localMemory: 1 << 10)
    #expect(tile.violation([:], little)?.contains("bytes of local memory") == true)
    let lanes = KernelSources.layerNormLocal.constraints
    #expect(lanes.violation(["LANES": 24], large)?.contains("power of two") == true)
    #expect(KernelSources.matmul.constraints.violation(["NARROW": 1], large)?.contains("NARROW") == true)
  }

  @Test("a request for the value of an unknown parameter ends the program")
  func unknownParameter() async {
    await #expect(processExitsWith: .failure) {
      _ = KernelSources.matmulLocal.constraints.defaults["TILE_ROW"]
    }
  }

  @Test("values that the operands do not allow are replaced by values that fit")
  func resolution() {
    let attention = KernelSources.attentionLocal.constraints
    let tuned: KernelValues = ["ROWS": 64, "STEP": 32, "PARTS": 1]
    #expect(attention.resolve(tuned: tuned, fixed: ["HEAD_WIDTH": 32], large)["STEP"] == 32)
    // 32 keys and values of 512 columns need more than the local memory.
    let wide = attention.resolve(tuned: tuned, fixed: ["HEAD_WIDTH": 512], large)
    #expect(wide["STEP"] < 32)
    #expect(wide["HEAD_WIDTH"] == 512)
  }
}

@Suite("Constraints on a device", .enabled(if: TestOpenCL.isEnabled))
struct DeviceConstraintsTests {
  @Test("arguments of other kinds than the kernel's are refused before anything is launched")
  func arguments() throws {
    let device = try OpenCLDevice(TestOpenCL.first(), keepsPrograms: false)
    let kernel = try device.kernel(.rows, "add")
    let matrix = Matrix(try device.makeBuffer(count: 4), columns: 2)
    func refusal(_ build: (inout KernelArguments) throws -> Void) throws -> String {
      var arguments = KernelArguments(device, Add.name)
      try build(&arguments)
      do { try device.launch(kernel, arguments, global: Grid(1, 1)) } catch { return "\(error)" }
      return ""
    }
    #expect(
      try refusal { arguments in
        for _ in 0..<3 { try arguments.matrix(matrix) }
        try arguments.int(2)
      } == "add: 10 arguments, but the kernel declares 11")
    #expect(
      try refusal { arguments in
        for _ in 0..<3 { try arguments.matrix(matrix) }
        try arguments.int(2)
        arguments.float(2)
      } == "add: argument 10 is float, but width is int")
    #expect(
      try refusal { arguments in
        try arguments.matrix(matrix)
        try arguments.int(0)
      } == "add: argument 3 is int, but right is memory")
    #expect(throws: ComputeError.self) { try device.kernel(.rows, "subtract") }
  }

  @Test("invalid values are refused before anything is compiled")
  func refused() throws {
    var library = try OpenCLLibrary.shared()
    library.clCreateProgramWithSource = { _, _, _, _, status in
      status?.pointee = -6
      return nil
    }
    let device = try OpenCLDevice(
      library, TestOpenCL.first(), family: .local, cache: ProgramCache(folder: nil))
    #expect {
      try device.kernel(.matmulLocal, "matmul", ["TILE_ROWS": 62])
    } throws: {
      guard case ComputeError.invalid("matmul_local.cl", let reason) = $0 else { return false }
      return reason.contains("multiple") && reason.contains("TILE_ROWS=62")
    }
    #expect {
      try device.kernel(.matmulLocal, "matmul")
    } throws: { "\($0)".contains("CL_OUT_OF_HOST_MEMORY") }
  }

  @Test("a kernel that the driver limits to small groups runs in small groups")
  func smallGroups() throws {
    var library = try OpenCLLibrary.shared()
    // Every query about a kernel returns 3.
    library.clGetKernelWorkGroupInfo = { _, _, _, size, value, needed in
      needed?.pointee = 8
      if size >= 8 { value?.storeBytes(of: 3, as: Int.self) }
      return 0
    }
    let device = try OpenCLDevice(
      library, TestOpenCL.first(), family: .local, cache: ProgramCache(folder: nil))
    let matrix = Matrix(try device.makeBuffer([1, 1, 1, 1] as [Float]), columns: 2)
    let statistics = Matrix(try device.makeBuffer(count: 4), columns: 2)
    try device.layerNorm(
      LayerNorm(
        input: matrix, weight: Parameter(matrix.buffer, rows: 1, columns: 2),
        bias: Parameter(matrix.buffer, rows: 1, columns: 2), epsilon: 1,
        output: Matrix(device.makeBuffer(count: 4), columns: 2), statistics: statistics,
        rows: RowGroups(rows: 2)))
    #expect(try device.values(.layerNormLocal).values == ["LANES": 1, "GROUP_ROWS": 1])
    #expect(try device.read(statistics.buffer) == [1, 1, 1, 1])
  }
}

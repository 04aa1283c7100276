import Compute

/// The measurement of the device's highest rates: launches Kernels/roof.cl.
extension OpenCLDevice: RoofMeasurable {
  /// The number of floats in a vector, for each form. Several are tried, because a device does not report the
  /// width of its registers.
  private var roofWidths: [Int] { context.info.kind == .gpu ? [1] : [8, 16] }

  package var multiplyAddForms: Int { roofWidths.count }

  package func multiplyAdds(rounds: Int, form: Int) throws -> Double {
    let items = context.info.computeUnits * (context.info.kind == .gpu ? 2048 : 8)
    let chains = 12
    var arguments = KernelArguments(self, "multiply_adds")
    try arguments.buffer(scratch(count: items))
    try arguments.int(rounds)
    arguments.float(0.5)
    try launch(kernel(.roof, "multiply_adds", ["WIDTH": roofWidths[form]]), arguments, global: Grid(items))
    return 2 * Double(items) * Double(rounds) * Double(chains * roofWidths[form])
  }

  package func triad(left: any Buffer, right: any Buffer, scale: Float, output: any Buffer) throws {
    guard left.count == output.count, right.count == output.count else {
      throw ComputeError.invalid(
        "triad", "buffers of \(left.count), \(right.count) and \(output.count) elements")
    }
    var arguments = KernelArguments(self, "triad")
    try arguments.buffer(left)
    try arguments.buffer(right)
    arguments.float(scale)
    try arguments.buffer(output)
    arguments.long(output.count)
    try launch(
      kernel(.roof, "triad", ["ELEMENTS": grain.elements]), arguments,
      global: Grid(blocks(output.count, of: grain.elements)))
  }
}

extension OpenCLDevice: LaunchCounting {}

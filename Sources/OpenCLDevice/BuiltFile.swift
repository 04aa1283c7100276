import Kernels

/// A kernel file, compiled with values of its parameters.
final class BuiltFile {
  /// The values that followed from the operands.
  let fixed: KernelValues
  /// The values that were preferred to the defaults.
  let preferred: KernelValues
  /// The values that it has.
  let values: KernelValues
  /// The work-items of a group, if the source fixes them.
  let workGroup: Grid
  private let program: OpenCLProgram

  init(_ program: OpenCLProgram, _ values: KernelValues, fixed: KernelValues, preferred: KernelValues) {
    (self.program, self.values) = (program, values)
    (self.fixed, self.preferred) = (fixed, preferred)
    workGroup = Grid(program.file.constraints.workGroup(values))
  }

  func kernel(_ name: String) throws -> OpenCLKernel { try program.kernel(name) }
}

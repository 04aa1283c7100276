import Compute
import Transformer

/// Rows of activations or their gradients on the host, with the full precision of the device.
struct HostMatrix: Sendable {
  /// [rows, width]
  var values: [Double]
  var width: Int

  static func - (left: HostMatrix, right: HostMatrix) -> HostMatrix {
    HostMatrix(values: zip(left.values, right.values).map { $0 - $1 }, width: left.width)
  }

  /// Some columns times as many rows of a weight.
  ///
  /// - Parameters:
  ///   - weight: row-major; row k belongs to column k.
  ///   - width: the number of columns of the weight.
  func product(_ columns: Range<Int>, _ weight: [Double], width columnsOfWeight: Int) -> HostMatrix {
    let rows = values.count / max(width, 1)
    let product = [Double](unsafeUninitializedCapacity: rows * columnsOfWeight) { sums, filled in
      sums.initialize(repeating: 0)
      weight.withUnsafeBufferPointer { weight in
        for row in 0..<rows {
          for k in columns {
            let factor = values[row * width + k]
            for c in 0..<columnsOfWeight {
              sums[row * columnsOfWeight + c] += factor * weight[k * columnsOfWeight + c]
            }
          }
        }
      }
      filled = rows * columnsOfWeight
    }
    return HostMatrix(values: product, width: columnsOfWeight)
  }
}

/// The activations that hooks recorded in one pass.
final class ActivationRecord {
  private(set) var matrices: [HookPoint: HostMatrix] = [:]
  private let device: any Device

  init(on device: any Device) { self.device = device }

  /// Hooks that record these points.
  func hooks(_ points: Set<HookPoint>) -> Hooks {
    Hooks(points: points) { [self] point, matrix, rows in
      matrices[point] = try device.readHostMatrix(matrix, rows: rows.extent)
    }
  }

  /// - Throws: `GradientScoreError.notRecorded` for a point that was not recorded.
  subscript(point: HookPoint) -> HostMatrix {
    get throws {
      guard let matrix = matrices[point] else { throw GradientScoreError.notRecorded(point.name) }
      return matrix
    }
  }
}

extension Device {
  func readHostMatrix(_ matrix: Matrix, rows: Int) throws -> HostMatrix {
    guard rows > 0 else { return HostMatrix(values: [], width: matrix.columns) }
    let end = matrix.offset + (rows - 1) * matrix.stride + matrix.columns
    let values = try readDoubles(matrix.buffer, matrix.offset..<end)
    guard matrix.stride != matrix.columns else { return HostMatrix(values: values, width: matrix.columns) }
    var dense: [Double] = []
    dense.reserveCapacity(rows * matrix.columns)
    for row in 0..<rows {
      dense += values[row * matrix.stride..<row * matrix.stride + matrix.columns]
    }
    return HostMatrix(values: dense, width: matrix.columns)
  }
}

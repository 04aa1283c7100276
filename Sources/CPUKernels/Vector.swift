/// Sixteen floats: one AVX-512 register, two of AVX2, four of SSE or NEON.
typealias Vector = SIMD16<Float>
let vectorWidth = 16

/// Loads sixteen floats, which need not be aligned.
@inline(always)
func load(_ pointer: UnsafePointer<Float>) -> Vector {
  UnsafeRawPointer(pointer).loadUnaligned(as: Vector.self)
}

/// Stores sixteen floats, which need not be aligned.
@inline(always)
func store(_ vector: Vector, _ pointer: UnsafeMutablePointer<Float>) {
  UnsafeMutableRawPointer(pointer).storeBytes(of: vector, as: Vector.self)
}

/// Loads `count` floats: a whole vector if `count` ≥ 16, else those that exist, followed by zeros.
@inline(always)
func load(_ pointer: UnsafePointer<Float>, _ count: Int) -> Vector {
  if count >= vectorWidth { return load(pointer) }
  var part = Vector(repeating: 0)
  loadPart(pointer, count, &part)
  return part
}

/// Stores the first `count` floats, or all of them if `count` ≥ 16.
@inline(always)
func store(_ vector: Vector, _ pointer: UnsafeMutablePointer<Float>, _ count: Int) {
  if count >= vectorWidth { return store(vector, pointer) }
  var part = vector
  storePart(&part, pointer, count)
}

// These functions take vectors in memory. Vectors passed by value would be split into lanes beforehand, even
// if no call is made.

@inline(never)
private func loadPart(_ pointer: UnsafePointer<Float>, _ count: Int, _ part: inout Vector) {
  for lane in 0..<count { part[lane] = pointer[lane] }
}

@inline(never)
private func storePart(_ part: inout Vector, _ pointer: UnsafeMutablePointer<Float>, _ count: Int) {
  for lane in 0..<count { pointer[lane] = part[lane] }
}

/// The bits of each lane.
@inline(always)
func bits(_ x: Vector) -> SIMD16<Int32> { unsafeBitCast(x, to: SIMD16<Int32>.self) }

/// The floats with the given bits.
@inline(always)
func vector(_ bits: SIMD16<Int32>) -> Vector { unsafeBitCast(bits, to: Vector.self) }

/// `a·b + c`. Without FMA instructions, `addingProduct` would call into a library, lane by lane.
@inline(always)
func multiplyAdd(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector {
  #if X86_64_V3 || X86_64_V4 || arch(arm64)
    c.addingProduct(a, b)
  #else
    a * b + c
  #endif
}

@inline(always)
func multiplyAdd(_ a: Float, _ b: Vector, _ c: Vector) -> Vector {
  multiplyAdd(Vector(repeating: a), b, c)
}

/// The sum of the lanes, always in the same tree order.
@inline(always)
func sum(_ v: Vector) -> Float {
  let eight = v.lowHalf + v.highHalf
  let four = eight.lowHalf + eight.highHalf
  let two = four.lowHalf + four.highHalf
  return two.x + two.y
}

/// The largest lane.
@inline(always)
func greatest(_ v: Vector) -> Float {
  let eight = v.lowHalf.replacing(with: v.highHalf, where: v.lowHalf .< v.highHalf)
  let four = eight.lowHalf.replacing(with: eight.highHalf, where: eight.lowHalf .< eight.highHalf)
  let two = four.lowHalf.replacing(with: four.highHalf, where: four.lowHalf .< four.highHalf)
  return two.x < two.y ? two.y : two.x
}

/// `count` rounded up to whole vectors.
@inline(always)
func padded(_ count: Int) -> Int { (count + vectorWidth - 1) & ~(vectorWidth - 1) }

/// `count` rounded up to a multiple of four.
@inline(always)
func wholeFours(_ count: Int) -> Int { (count + 3) & ~3 }

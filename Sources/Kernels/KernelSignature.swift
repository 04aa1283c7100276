/// The kind of one argument of a kernel.
package enum ArgumentKind: UInt8, Sendable {
  /// A pointer to global memory.
  case memory
  case int, long, float
}

/// The kinds of a kernel's arguments, in order. At most 63.
package struct KernelSignature: Equatable, Sendable {
  /// Two bits for each argument, after a leading 1.
  @usableFromInline var bits: UInt128 = 1

  @inlinable package init() {}

  @inlinable @inline(__always) package mutating func append(_ kind: ArgumentKind) {
    bits = bits &<< 2 | UInt128(kind.rawValue)
  }

  package var kinds: [ArgumentKind] {
    var (kinds, rest): ([ArgumentKind], UInt128) = ([], bits)
    while rest > 1 {
      if let kind = ArgumentKind(rawValue: UInt8(rest & 3)) { kinds.append(kind) }
      rest >>= 2
    }
    return kinds.reversed()
  }
}

/// The declaration of a kernel in its source.
package struct KernelDeclaration: Sendable {
  package struct Parameter: Sendable {
    package var name: String
    package var kind: ArgumentKind
  }

  package var name: String
  package var parameters: [Parameter]

  package var signature: KernelSignature {
    var signature = KernelSignature()
    for parameter in parameters { signature.append(parameter.kind) }
    return signature
  }
}

extension KernelSources {
  /// The declarations of the kernels in the file, in the order of the source.
  package var declarations: [KernelDeclaration] {
    source.split(separator: "__kernel ").dropFirst().compactMap { text in
      let head = text.prefix { $0 != "{" }
      guard let match = head.firstMatch(of: /\bvoid\s+(\w+)\(([^)]*)\)/) else { return nil }
      let parameters = match.2.split(separator: ",").map { parameter in
        let words = parameter.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
        return KernelDeclaration.Parameter(
          name: words.last ?? "", kind: kind(words, isPointer: parameter.contains("*")))
      }
      return KernelDeclaration(name: String(match.1), parameters: parameters)
    }
  }

  private func kind(_ words: [String], isPointer: Bool) -> ArgumentKind {
    if isPointer { return .memory }
    if words.contains("long") { return .long }
    return words.contains("float") ? .float : .int
  }
}

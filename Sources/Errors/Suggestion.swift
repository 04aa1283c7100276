/// The known name that is probably meant by a misspelt one, for messages such as `Did you mean …?`.
///
/// Letter case, hyphens and underscores are ignored. Up to a third of the other letters may differ.
///
/// - Returns: nil if no name is near, or if two names are equally near.
package func suggestion(for word: String, among names: some Sequence<String>) -> String? {
  let wanted = folded(word)
  let ranked = names.map { (name: $0, distance: editDistance(wanted, folded($0))) }
    .sorted { $0.distance < $1.distance }
  guard let best = ranked.first, best.distance <= max(1, min(wanted.count, folded(best.name).count) / 3)
  else { return nil }
  if ranked.count > 1, ranked[1].distance == best.distance { return nil }
  return best.name
}

/// A message about a name that does not exist: `there is no task 'srot'; did you mean 'sort'? There are copy, sort`.
package func unknownText(_ what: String, _ word: String, among names: [String]) -> String {
  let known = names.joined(separator: ", ")
  guard let near = suggestion(for: word, among: names) else {
    return "there is no \(what) '\(word)'; use \(known)"
  }
  return "there is no \(what) '\(word)'; did you mean '\(near)'? There are \(known)"
}

private func folded(_ word: String) -> [Character] {
  // Longer words resemble no name, and comparing them would take long.
  Array(word.lowercased().filter { $0 != "-" && $0 != "_" }.prefix(64))
}

/// The fewest insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
///
/// Source: F. J. Damerau, "A Technique for Computer Detection and Correction of Spelling Errors", Communications of
/// the ACM 7 (1964), in the form that edits no part twice.
private func editDistance(_ first: [Character], _ second: [Character]) -> Int {
  var rows = [Array(0...second.count)]
  for (i, letter) in first.enumerated() {
    var row = [i + 1]
    for (j, other) in second.enumerated() {
      var least = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (letter == other ? 0 : 1))
      if i > 0, j > 0, letter == second[j - 1], first[i - 1] == other {
        least = min(least, rows[i - 1][j - 1] + 1)
      }
      row.append(least)
    }
    rows.append(row)
  }
  return rows[first.count][second.count]
}

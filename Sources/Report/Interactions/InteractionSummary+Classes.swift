import Records

extension InteractionSummary {
  /// What all heroes, or all bloats, of a gradient score do together, on samples that the classes were not chosen on.
  package struct ClassRow: Codable, Sendable, Equatable {
    package var score: String
    package var effects: JointRow

    static func all(_ records: [InteractionRecord.Classes], _ draws: ReportDraws) -> [ClassRow] {
      firstSeen(records.flatMap(\.scores).map(\.score)).flatMap { score in
        let found = records.compactMap { record in record.scores.first { $0.score == score }?.sets }
        return firstSeen(found.flatMap(\.self).map { JointRow.Key(name: $0.name, effect: $0.effect) }).map {
          key in ClassRow(score: score, effects: JointRow(key, found.compactMap { key.find($0) }, draws))
        }
      }
    }
  }
}

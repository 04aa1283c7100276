import Importance
import Transformer

extension EdgeScores {
  /// A row for each edge and score, with the header `writer,reader,score,mean,standard_error,samples`. The means are in nats. A
  /// single sample has no standard error.
  package func csv(in configuration: ModelConfiguration) -> String {
    var text = "writer,reader,score,mean,standard_error,samples\n"
    for row in rows(in: configuration) {
      for score in Score.allCases {
        guard let found = row.scores[score] else { continue }
        text +=
          "\(row.edge.writer.name),\(row.edge.reader.name),\(score.rawValue),\(found.mean),"
          + "\(found.error.map { "\($0)" } ?? ""),\(samples)\n"
      }
    }
    return text
  }
}

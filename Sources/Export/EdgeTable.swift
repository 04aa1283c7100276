import Foundation
import Importance
import Transformer

extension EdgeScores {
  /// A row for each edge and score, with the header `writer,reader,score,mean,standard_error,samples`. The means are in nats, or in logits for a
  /// logit difference. A single sample has no standard error.
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

extension EdgeFaithfulness {
  /// A row for each score, order and size of circuit, with the header
  /// `score,order,size,edges,log_probability,faithfulness,cpr,cmd`. The areas are those of the whole curve.
  package var csv: String {
    var text = "score,order,size,edges,log_probability,faithfulness,cpr,cmd\n"
    for (place, ranking) in rankings.enumerated() {
      let (curve, areas) = curve(ofRanking: place)
      for (size, count) in counts.enumerated() {
        let values = [curve.faithfulness?[size], areas?.cpr, areas?.cmd].map { $0.map { "\($0)" } ?? "" }
        text += "\(ranking.score.rawValue),\(ranking.order.rawValue),\(Self.sizes[size]),\(count),"
        text += "\(curve.metric[size])," + values.joined(separator: ",") + "\n"
      }
    }
    return text
  }

  /// What a terminal is told of each ranking.
  package var lines: [String] {
    rankings.indices.map { place in
      let (ranking, areas) = (rankings[place], curve(ofRanking: place).areas)
      let order = ranking.order == .signed ? "best first" : "largest first"
      guard let areas else {
        return
          "edges by \(ranking.score.rawValue), \(order): no faithfulness, because the clean and the corrupted run score alike"
      }
      func text(_ value: Double) -> String { String(format: "%.3f", value) }
      return "edges by \(ranking.score.rawValue), \(order): CPR \(text(areas.cpr)), CMD \(text(areas.cmd))"
    }
  }
}

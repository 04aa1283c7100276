import Records
import Statistics
import Tasks

/// How many seeds a claim about rho needs, from a study that was made: how much a value varies over seeds, and how much of that is the noise of
/// its measurement, which more samples remove.
///
/// ```swift
/// let plan = try PlanSize(folder.readRecords(), wanted: .init(effects: [0.1, 0.2]))
/// print(plan.table.text)
/// ```
package struct PlanSize: Codable, Sendable, Equatable {
  /// What is to be found.
  package struct Wanted: Codable, Sendable, Equatable {
    /// Differences of rho.
    package var effects: [Double]
    /// Samples of a causal effect; the batches of a gradient score change in the same ratio.
    package var samples: [Int]
    package var power: Double
    /// The number of claims that are decided together.
    package var claims: Int

    package init(
      effects: [Double] = [0.05, 0.1, 0.2], samples: [Int] = [100, 500, 2000], power: Double = 0.8,
      claims: Int = 1
    ) {
      (self.effects, self.samples, self.power, self.claims) = (effects, samples, power, claims)
    }
  }

  package var wanted: Wanted
  package var quantities: [Quantity]

  /// - Parameter records: of the rigorous protocol; others say nothing.
  /// - Throws: `SummaryError`, `StatisticsError`.
  package init(_ records: [RunRecord], wanted: Wanted = Wanted()) throws {
    self.wanted = wanted
    let tasks = try Summary.byTask(records).map {
      (task: $0.task, runs: $0.records.compactMap(RigorousRun.init))
    }
    .filter { !$0.runs.isEmpty }
    quantities = try Measured.all(tasks).compactMap { try Quantity($0, wanted) }
  }

  /// A value of which every seed has one, and how many seeds find what.
  package struct Quantity: Codable, Sendable, Equatable {
    package var name: String
    package var seeds: Int
    package var samples: Int
    package var mean: Double
    /// The standard deviation over seeds, and the part of its square that is noise of the measurement.
    package var deviation: Double
    package var noiseShare: Double
    /// The seeds needed: one for each of `wanted.samples`, and in it one for each of `wanted.effects`; null above a million.
    package var seedsNeeded: [[Int?]]

    /// `nil` for fewer than two seeds.
    init?(_ found: Measured, _ wanted: Wanted) throws {
      let wholes = found.values.map(\.whole)
      guard let deviation = standardDeviation(wholes, ddof: 1), let average = Statistics.mean(wholes),
        found.samples > 0
      else { return nil }
      (name, seeds, samples) = (found.name, wholes.count, found.samples)
      (mean, self.deviation) = (average, deviation)
      // Each half has half of the samples, and so twice the variance of the whole.
      let halves =
        Statistics.mean(found.values.map { ($0.first - $0.second) * ($0.first - $0.second) / 2 }) ?? 0
      let (variance, noise) = (deviation * deviation, min(halves / 2, deviation * deviation))
      noiseShare = variance > 0 ? noise / variance : 0
      let level = TestSummary.level / Double(wanted.claims)
      seedsNeeded = try wanted.samples.map { count in
        let spread = (variance - noise + noise * Double(found.samples) / Double(count)).squareRoot()
        return try wanted.effects.map { effect in
          try Statistics.seedsNeeded(deviation: spread, effect: effect, power: wanted.power, level: level)
        }
      }
    }

    private enum CodingKeys: String, CodingKey {
      case name, seeds, samples, mean, deviation
      case noiseShare = "noise_share"
      case seedsNeeded = "seeds_needed"
    }
  }

  /// As a reader sees it, and as the file `plan_size`.
  package var table: Table {
    let rows = quantities.flatMap { quantity in
      wanted.samples.indices.map { (quantity: quantity, place: $0) }
    }
    let level = wanted.claims == 1 ? "0.05" : "0.05/\(wanted.claims)"
    return Table(
      "plan_size",
      title: "Seeds that find a difference of rho with a probability of \(wanted.power), at p ≤ \(level)",
      rows: rows,
      notes: [
        "From the variance over these seeds; with other numbers of samples (and of batches, in the same ratio) the noise in it changes as 1/samples. "
          + "It is not counted that this noise lowers every rho itself, too. Nothing is claimed with fewer than six seeds."
      ],
      [
        .both("quantity", .left) { .text($0.quantity.name) },
        .both("n", key: "seeds") { .count($0.quantity.seeds) },
        .both("mean") { .number($0.quantity.mean, digits: 3) },
        .both("deviation over seeds", key: "deviation") { .number($0.quantity.deviation, digits: 3) },
        .both("noise in it", key: "noise_share") { .number($0.quantity.noiseShare, digits: 2) },
        .both("samples") { .count(wanted.samples[$0.place]) },
      ]
        + wanted.effects.indices.map { effect in
          .both(
            "\(wanted.effects[effect])", key: "seeds_for_\(wanted.effects[effect])",
            group: "seeds for a difference of"
          ) {
            .count($0.quantity.seedsNeeded[$0.place][effect])
          }
        })
  }
}

import Compute
import RandomStreams
import Tasks
import Testing

@testable import Transformer

@Suite("Packing")
struct PackingTests {
  /// Lanes of several models, enough sequences for several threads.
  private func lanes(models: Int, lanesPerModel: Int) -> [Lane] {
    var stream = MersenneTwister(seed: 7)
    return (0..<models).flatMap { model in
      (0..<lanesPerModel).map { _ in
        Lane(
          model: model,
          sequences: BatchLayout.publishedBatch(IntegerTask.sort.samples(64, length: 3...7, from: &stream)))
      }
    }
  }

  @Test("of many models on several threads gives what each model gives alone, one after the other")
  func parts() throws {
    let configuration = ModelConfiguration()
    let lanes = lanes(models: 24, lanesPerModel: 2)
    for selection in [RowSelection.live, .distinct, .all] {
      let whole = try BatchRows(lanes, selection, for: configuration)
      var (row, output, input, key, lane) = (0, 0, 0, 0, 0)
      for model in 0..<24 {
        let own = try BatchRows(
          Array(lanes[2 * model..<2 * model + 2]), selection, for: configuration)
        func part(_ list: [Int32], from first: Int, _ count: Int, less offset: Int = 0) -> [Int32] {
          list[first..<first + count].map { $0 - Int32(offset) }
        }
        #expect(part(whole.tokens, from: input, own.tokens.count) == own.tokens)
        #expect(part(whole.positions, from: input, own.tokens.count) == own.positions)
        #expect(part(whole.rowPositions, from: row, own.rowPositions.count) == own.rowPositions)
        #expect(part(whole.outputs, from: output, own.outputs.count, less: row) == own.outputs)
        #expect(part(whole.targets, from: output, own.outputs.count) == own.targets)
        #expect(Array(whole.weights[output..<output + own.outputs.count]) == own.weights)
        if selection == .distinct {
          #expect(part(whole.rowInputs, from: row, own.rowInputs.count, less: input) == own.rowInputs)
          #expect(part(whole.keyRows, from: key, own.keyRows.count, less: row) == own.keyRows)
          #expect(part(whole.keyInputs, from: key, own.keyRows.count, less: input) == own.keyInputs)
          #expect(part(whole.keyPositions, from: key, own.keyRows.count) == own.keyPositions)
        }
        for (place, group) in own.groups.enumerated() {
          let there = whole.groups[lane + place]
          #expect(
            there
              == RowGroup(
                model: model, lane: lane + place, firstRow: group.firstRow + row, count: group.count))
          let outputs = (whole.outputGroups[lane + place], own.outputGroups[place])
          #expect(outputs.0.firstRow == outputs.1.firstRow + output && outputs.0.count == outputs.1.count)
          #expect(
            whole.sequenceRows[lane + place]
              == own.sequenceRows[place].map { $0.lowerBound + row..<$0.upperBound + row })
        }
        row += own.rowPositions.count
        output += own.outputs.count
        input += own.tokens.count
        key += own.keyRows.count
        lane += 2
      }
      #expect(row == whole.rowPositions.count && output == whole.outputs.count && input == whole.tokens.count)
      // The layouts have no gap and no overlap, or they would be refused.
      #expect(try PackedBatch(lanes, selection, for: configuration).rows.modelExtent == 24)
    }
  }

  @Test("refuses a bad token of any model")
  func refused() throws {
    var lanes = lanes(models: 24, lanesPerModel: 1)
    lanes[20].sequences[3] = TokenSequence(tokens: [500], targets: [1])
    let error = #expect(throws: ModelError.self) {
      try BatchRows(lanes, .distinct, for: ModelConfiguration())
    }
    #expect("\(try #require(error))".contains("500"))
  }

  @Test("A table of numbers finds what a dictionary finds, before and after it is emptied")
  func table() {
    var stream = MersenneTwister(seed: 3)
    var table = NumberTable()
    for _ in 0..<3 {
      var known: [Int: Int32] = [:]
      for value in 0..<Int32(3000) {
        let key = stream.integer(in: 0..<2000) * 4096
        #expect(table.find(key, orInsert: value) == known[key])
        if known[key] == nil { known[key] = value }
      }
      table.removeAll()
    }
  }
}

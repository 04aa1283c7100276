import Records

/// The files over all runs of a study: `runs`, `components`, `scores`, `rhos`. docs/files.md describes their columns.
package func longTables(_ records: [RunRecord]) -> [LongTable] { longTables(NamedRun.all(records)) }

/// The same files over all runs of several studies, with a column `study` in front.
package func longTables(_ studies: [StudyRecords]) -> [LongTable] { longTables(NamedRun.all(studies)) }

private func longTables(_ runs: [NamedRun]) -> [LongTable] {
  [runsTable(runs), componentsTable(runs), scoresTable(runs), rhosTable(runs)]
}

/// One past the last element of rows that are `stride` apart, in models that are `modelStride` apart;
/// `Int.max` if the number would overflow.
func endOfRows(
  offset: Int, models: Int = 1, modelStride: Int = 0, rows: Int, stride: Int, columns: Int
) -> Int {
  let (modelSpan, a) = max(models - 1, 0).multipliedReportingOverflow(by: modelStride)
  let (rowSpan, b) = max(rows - 1, 0).multipliedReportingOverflow(by: stride)
  let (firstRow, c) = offset.addingReportingOverflow(modelSpan)
  let (lastRow, d) = firstRow.addingReportingOverflow(rowSpan)
  let (end, e) = lastRow.addingReportingOverflow(columns)
  return a || b || c || d || e ? .max : end
}

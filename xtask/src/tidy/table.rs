//! Rows of markdown tables.

/// The rows of every table in the text, headings included and rulers left out: line from 1, and trimmed cells.
pub(crate) fn rows(text: &str) -> impl Iterator<Item = (usize, Vec<&str>)> {
    text.lines().enumerate().filter_map(|(index, line)| {
        let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
        let is_ruler = inner.chars().all(|c| matches!(c, '-' | ':' | '|' | ' '));
        (!is_ruler).then(|| (index + 1, cells(inner)))
    })
}

/// What stands between backticks.
pub(crate) fn code_spans(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2).map(str::trim)
}

/// Splits at the bars that are neither escaped nor between backticks.
fn cells(row: &str) -> Vec<&str> {
    let (mut cells, mut start, mut in_code) = (Vec::new(), 0, false);
    for (at, c) in row.char_indices() {
        match c {
            '`' => in_code = !in_code,
            '|' if !in_code && !row[..at].ends_with('\\') => {
                cells.push(row[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    cells.push(row[start..].trim());
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_rows_and_skips_rulers() {
        let text = "a | b\n\n| x | y |\n|---|:-:|\n| 1 | `a|b` \\| c |\n";
        let rows: Vec<_> = rows(text).collect();
        assert_eq!(rows, [(3, vec!["x", "y"]), (5, vec!["1", "`a|b` \\| c"])]);
    }

    #[test]
    fn reads_code_spans() {
        assert_eq!(code_spans("see `a::b`, `c`; d").collect::<Vec<_>>(), ["a::b", "c"]);
        assert_eq!(code_spans("nothing").count(), 0);
    }
}

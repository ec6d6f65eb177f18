//! Pictures of the results: a bar for each contender, its spread, and the limit as a line.

use std::{fs, path::Path};

use anyhow::{Result, anyhow};
use plotters::{
    coord::Shift,
    prelude::{Color, DrawingArea, IntoDrawingArea, IntoFont, PathElement, RGBColor, Rectangle, SVGBackend, Text},
    style::{
        TextStyle, WHITE,
        text_anchor::{HPos, Pos, VPos},
    },
};

use super::{CellRecords, Record, cells, is_limit, is_ours};
use crate::{form::Form, workload::Workload};

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

const OURS: RGBColor = RGBColor(0x1b, 0x6c, 0xa8);
const PEER: RGBColor = RGBColor(0xb8, 0xbf, 0xc6);
const LIMIT: RGBColor = RGBColor(0xc0, 0x39, 0x2b);
const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);

const PANEL_WIDTH: i32 = 420;
const ROW: i32 = 17;
const TITLE: i32 = 30;
const NAMES: i32 = 110;
const VALUES: i32 = 96;
/// A bar longer than so many of headpond's is cut off; its value stands beside it.
const LONGEST: f64 = 5.0;

/// Draws every workload in every form that was measured to `folder`, and a summary.
pub(crate) fn draw_all(records: &[Record], folder: &Path) -> Result<Vec<String>> {
    fs::create_dir_all(folder)?;
    let mut drawn = Vec::new();
    let mut draw = |name: String, panels: &[CellRecords<'_>]| {
        if !panels.is_empty() {
            fs::write(folder.join(&name), picture(panels)?)?;
            drawn.push(name);
        }
        anyhow::Ok(())
    };
    for workload in Workload::ALL {
        for form in Form::ALL {
            let panels: Vec<_> = cells(records).filter(|cell| cell.is(workload, form)).collect();
            draw(format!("{workload}-{form}.svg"), &panels)?;
        }
    }
    draw("summary.svg".into(), &summary(records))?;
    Ok(drawn)
}

/// Bulk and messages at their middle sizes, in every form.
fn summary(records: &[Record]) -> Vec<CellRecords<'_>> {
    let is_middle = |cell: &CellRecords<'_>| {
        let Record { workload, size_bytes, window_bytes, .. } = cell.first();
        matches!((workload.as_str(), size_bytes, window_bytes), ("W1", 16384, 262_144) | ("W2", 64, _))
    };
    cells(records).filter(is_middle).collect()
}

/// One picture: a panel for each cell, three in a row.
fn picture(panels: &[CellRecords<'_>]) -> Result<String> {
    let columns = panels.len().min(3);
    let rows = panels.len().div_ceil(columns);
    let tallest = panels.iter().map(|panel| panel.iter().count()).max().unwrap_or(0);
    let height = TITLE + tallest as i32 * ROW + ROW;
    let mut svg = String::new();
    {
        let size = (PANEL_WIDTH as u32 * columns as u32, height as u32 * rows as u32);
        let root = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        root.fill(&WHITE).map_err(undrawn)?;
        for (area, panel) in root.split_evenly((rows, columns)).iter().zip(panels) {
            draw_panel(area, *panel)?;
        }
        root.present().map_err(undrawn)?;
    }
    Ok(svg)
}

fn draw_panel(area: &Area<'_>, cell: CellRecords<'_>) -> Result<()> {
    let unit = if cell.first().workload == Workload::Idle.name() { "bytes" } else { "ns" };
    let dirty = if cell.first().dirty { " (dirty)" } else { "" };
    write(area, &format!("{}, {unit}{dirty}", cell.title()), (8, TITLE / 2), HPos::Left, 13.0)?;

    let reach = cell.of("headpond").map_or(f64::MAX, |ours| ours.median_ns * LONGEST);
    let longest = cell.iter().map(|record| record.max_ns).fold(0.0, f64::max).min(reach);
    let length = |value: f64| {
        let part = (value / longest).clamp(0.0, 1.0);
        NAMES + (part * f64::from(PANEL_WIDTH - NAMES - VALUES)) as i32
    };
    for (index, record) in cell.iter().enumerate() {
        let top = TITLE + index as i32 * ROW;
        let middle = top + ROW / 2;
        let colour = if is_ours(&record.contender) { OURS } else { PEER };
        let fill = if is_limit(&record.contender) { colour.mix(0.4) } else { colour.to_rgba() };
        let end = length(record.median_ns);
        area.draw(&Rectangle::new([(NAMES, top + 2), (end, top + ROW - 2)], fill.filled())).map_err(undrawn)?;
        let spread = [(length(record.min_ns), middle), (length(record.max_ns), middle)];
        area.draw(&PathElement::new(spread, INK.stroke_width(1))).map_err(undrawn)?;
        write(area, &record.contender, (NAMES - 5, middle), HPos::Right, 11.0)?;
        let value = format!("{} ({:.2})", short(record.median_ns), record.ratio_to_headpond);
        write(area, &value, (PANEL_WIDTH - VALUES + 5, middle), HPos::Left, 11.0)?;
    }
    if let Some(limit) = cell.of("ring").or_else(|| cell.of("contiguous")) {
        let (x, bottom) = (length(limit.median_ns), TITLE + cell.iter().count() as i32 * ROW);
        area.draw(&PathElement::new([(x, TITLE), (x, bottom)], LIMIT.stroke_width(1))).map_err(undrawn)?;
    }
    Ok(())
}

fn write(area: &Area<'_>, text: &str, at: (i32, i32), side: HPos, size: f64) -> Result<()> {
    let style = TextStyle::from(("sans-serif", size).into_font()).pos(Pos::new(side, VPos::Center));
    area.draw(&Text::new(text.to_owned(), at, style)).map_err(undrawn)
}

/// Three digits or more.
pub(crate) fn short(value: f64) -> String {
    match value {
        value if value < 10.0 => format!("{value:.2}"),
        value if value < 100.0 => format!("{value:.1}"),
        value => format!("{value:.0}"),
    }
}

fn undrawn(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("cannot draw: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::canned;

    #[test]
    fn every_contender_has_its_bar() -> Result<()> {
        let (records, _) = canned();
        let panels: Vec<_> = cells(&records).collect();
        let svg = picture(&panels)?;
        assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
        for name in ["headpond-16k", "duplex", "kanal", "W2/t2, 64 B through 64 KiB, ns", "(dirty)"] {
            assert!(svg.contains(name), "{name}");
        }
        // One bar a record, and the background.
        assert_eq!(svg.matches("<rect").count(), records.len() + 1);
        Ok(())
    }

    #[test]
    fn the_summary_takes_the_middle_sizes() {
        let (records, _) = canned();
        let titles: Vec<_> = summary(&records).iter().map(|cell| cell.title()).collect();
        assert_eq!(
            titles,
            ["W1/st, 16 KiB through 256 KiB", "W2/st, 64 B through 64 KiB", "W2/t2, 64 B through 64 KiB"]
        );
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!([1.234, 12.34, 123.4, 12345.6].map(short), ["1.23", "12.3", "123", "12346"]);
    }
}

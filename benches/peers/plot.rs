//! Results as a bar chart: for each program, the ratio to the reference on a logarithmic scale.

use std::fmt::Write as _;

use crate::{
    measure::{CaseResult, Score},
    report::time,
};

/// Sizes in pixels.
const WIDTH: f64 = 900.0;
const NAMES: f64 = 210.0;
const LABELS: f64 = 150.0;
const ROW: f64 = 16.0;
const HEAD: f64 = 26.0;
const MARGIN: f64 = 12.0;
/// Ratios at the ends of the scale.
const MIN_RATIO: f64 = 0.01;
const MAX_RATIO: f64 = 10.0;

pub(crate) fn svg(results: &[CaseResult]) -> String {
    let mut body = String::new();
    let mut y = MARGIN;
    for result in results {
        let reference = result.scores[result.reference].seconds();
        heading(&mut body, y, &result.title);
        y += HEAD;
        for score in &result.scores {
            bar(&mut body, y, score, score.seconds() / reference);
            y += ROW;
        }
        y += MARGIN;
    }
    let line = x(1.0);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {y}\" width=\"{WIDTH}\" height=\"{y}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <line x1=\"{line:.1}\" x2=\"{line:.1}\" y1=\"0\" y2=\"{y}\" stroke=\"#bbb\" stroke-dasharray=\"3 3\"/>\n\
         {body}</svg>\n"
    )
}

fn heading(body: &mut String, y: f64, title: &str) {
    let _ = writeln!(
        body,
        "<text x=\"{MARGIN}\" y=\"{:.1}\" font-weight=\"bold\">{}</text>",
        y + 16.0,
        escaped(title)
    );
}

fn bar(body: &mut String, y: f64, score: &Score, ratio: f64) {
    let colour = match score.name.split([',', ' ']).next() {
        Some("kmsctl") => "#2b6cb0",
        Some("bare") => "#a0aec0",
        _ => "#dd8452",
    };
    let (start, end, base) = (NAMES, x(ratio), y + 12.0);
    let _ = writeln!(
        body,
        "<text x=\"{:.1}\" y=\"{base:.1}\" text-anchor=\"end\">{}</text>",
        NAMES - 8.0,
        escaped(&score.name)
    );
    let _ = writeln!(
        body,
        "<rect x=\"{start:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{colour}\"/>",
        y + 2.0,
        (end - start).max(1.0),
        ROW - 4.0
    );
    let (low, high) = score.times.quartiles();
    let share = |time: std::time::Duration| ratio * time.as_secs_f64() / score.times.median().as_secs_f64();
    let _ = writeln!(
        body,
        "<line x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{middle:.1}\" y2=\"{middle:.1}\" stroke=\"black\"/>",
        x(share(low)),
        x(share(high)),
        middle = y + ROW / 2.0
    );
    let label = format!("{} · {ratio:.2}×", time(score.seconds()));
    let _ = writeln!(
        body,
        "<text x=\"{:.1}\" y=\"{base:.1}\" fill=\"#444\">{label}</text>",
        x(share(high)).max(end) + 6.0
    );
}

/// The x-coordinate of a ratio.
fn x(ratio: f64) -> f64 {
    let share = (ratio.clamp(MIN_RATIO, MAX_RATIO) / MIN_RATIO).ln() / (MAX_RATIO / MIN_RATIO).ln();
    NAMES + share * (WIDTH - NAMES - LABELS)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

//! `benches/results.svg`: messages of 16 KiB, ours next to MIT's and the floor, as bars.

use std::fmt::Write as _;

use super::figures::{Figures, speed};

/// The picture.
pub(super) fn draw(ours: &Figures, theirs: Option<&Figures>) -> String {
    let rows: Vec<Row> = ROWS
        .iter()
        .filter_map(|row| Row::new(row, ours, theirs))
        .collect();
    let most = rows.iter().flat_map(|row| row.bars.iter());
    let most = most.filter_map(|bar| bar.speed).fold(1.0, f64::max);
    let count = u32::try_from(rows.len()).unwrap_or_default();
    let height = TOP + count * ROW;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#ffffff\"/>\n\
         <text x=\"16\" y=\"24\" font-weight=\"bold\">Messages of 16 KiB, MB/s of one thread</text>\n"
    );
    let mut y = TOP;
    for row in &rows {
        let _ = writeln!(svg, "<text x=\"16\" y=\"{}\">{}</text>", y + 24, row.label);
        for bar in &row.bars {
            bar.draw(&mut svg, y, most);
            y += BAR;
        }
        y += ROW - 3 * BAR;
    }
    svg.push_str("</svg>\n");
    svg
}

struct Row {
    label: String,
    bars: [Bar; 3],
}

struct Bar {
    name: &'static str,
    colour: &'static str,
    speed: Option<f64>,
}

impl Row {
    /// None where ours was not measured.
    fn new(
        (what, ours_name, enctype): &(&str, &str, &str),
        ours: &Figures,
        theirs: Option<&Figures>,
    ) -> Option<Self> {
        let figure = ours.get(ours_name, enctype, OCTETS)?;
        let mit = theirs.and_then(|theirs| theirs.time(what, enctype, OCTETS));
        let bar = |name, colour, speed| Bar {
            name,
            colour,
            speed,
        };
        Some(Self {
            label: format!("{what}, {enctype}"),
            bars: [
                bar(
                    "Orthros",
                    "#c0392b",
                    Some(speed(OCTETS, figure.nanoseconds)),
                ),
                bar(
                    "MIT",
                    "#7f8c8d",
                    mit.map(|nanoseconds| speed(OCTETS, nanoseconds)),
                ),
                bar("floor", "#d5d8dc", figure.floor),
            ],
        })
    }
}

impl Bar {
    fn draw(&self, svg: &mut String, y: u32, most: f64) {
        let Some(speed) = self.speed else {
            return;
        };
        let width = speed / most * f64::from(LONGEST);
        let _ = writeln!(
            svg,
            "<rect x=\"{LEFT}\" y=\"{y}\" width=\"{width:.0}\" height=\"{}\" fill=\"{}\"/>\n\
             <text x=\"{:.0}\" y=\"{}\" font-size=\"11\">{} {speed:.0}</text>",
            BAR - 2,
            self.colour,
            f64::from(LEFT) + width + 6.0,
            y + BAR - 4,
            self.name,
        );
    }
}

const OCTETS: usize = 16384;
const WIDTH: u32 = 860;
const LEFT: u32 = 260;
const LONGEST: u32 = 500;
const TOP: u32 = 40;
const BAR: u32 = 14;
const ROW: u32 = 3 * BAR + 12;
/// MIT's name of a call, that of our figure, and the enctype.
const ROWS: [(&str, &str, &str); 6] = [
    ("wrap", "wrap", "aes256-cts-hmac-sha1-96"),
    ("wrap", "wrap", "aes128-cts-hmac-sha1-96"),
    ("wrap", "wrap", "aes256-cts-hmac-sha384-192"),
    ("wrap", "wrap", "aes128-cts-hmac-sha256-128"),
    ("unwrap", "unwrap in place", "aes256-cts-hmac-sha1-96"),
    ("get_mic", "get_mic", "aes256-cts-hmac-sha1-96"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fastest_has_the_longest_bar_and_others_their_share_of_it() {
        let ours = Figures::parse("wrap\taes256-cts-hmac-sha1-96\t16384\t16384\t2000\t\n");
        let theirs = Figures::parse("wrap\taes256-cts-hmac-sha1-96\t16384\t81920\n");
        let svg = draw(&ours, Some(&theirs));
        for bar in ["width=\"250\"", "width=\"50\"", "width=\"500\""] {
            assert!(svg.contains(bar), "{svg}");
        }
        assert!(svg.contains(">Orthros 1000<") && svg.contains(">MIT 200<"));
    }

    #[test]
    fn what_was_not_measured_has_no_bar() {
        let ours = Figures::parse("wrap\taes256-cts-hmac-sha1-96\t16384\t16384\t\t\n");
        let svg = draw(&ours, None);
        assert_eq!(svg.matches("fill=\"#").count(), 2, "{svg}");
    }
}

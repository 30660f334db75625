//! Colors that color-blind readers tell apart, on light and on dark paper.

use numdiff_tests::figure::Ink;
use plotters::style::RGBColor;

/// Light or dark paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Dark on white.
    Light,
    /// Light on near-black.
    Dark,
}

impl Theme {
    /// The paper; the same as the report's background, so that a figure has no visible edge.
    pub fn paper(self) -> RGBColor {
        match self {
            Theme::Light => RGBColor(0xff, 0xff, 0xff),
            Theme::Dark => RGBColor(0x14, 0x17, 0x1c),
        }
    }

    /// Text.
    pub fn text(self) -> RGBColor {
        match self {
            Theme::Light => RGBColor(0x1c, 0x21, 0x28),
            Theme::Dark => RGBColor(0xe4, 0xe7, 0xec),
        }
    }

    /// Grid lines and frames.
    pub fn grid(self) -> RGBColor {
        match self {
            Theme::Light => RGBColor(0xe3, 0xe6, 0xea),
            Theme::Dark => RGBColor(0x2c, 0x31, 0x3a),
        }
    }

    /// A shaded band.
    pub fn band(self) -> RGBColor {
        match self {
            Theme::Light => RGBColor(0xf3, 0xf4, 0xf6),
            Theme::Dark => RGBColor(0x1d, 0x21, 0x28),
        }
    }

    /// A series: the palette of Okabe and Ito (2008), lightened where the paper is dark.
    pub fn ink(self, ink: Ink) -> RGBColor {
        match (ink, self) {
            (Ink::First, Theme::Light) => RGBColor(0x00, 0x72, 0xb2),
            (Ink::First, Theme::Dark) => RGBColor(0x56, 0xb4, 0xe9),
            (Ink::Second, Theme::Light) => RGBColor(0xd5, 0x5e, 0x00),
            (Ink::Second, Theme::Dark) => RGBColor(0xe6, 0x9f, 0x00),
            (Ink::Third, Theme::Light) => RGBColor(0x00, 0x7a, 0x58),
            (Ink::Third, Theme::Dark) => RGBColor(0x2f, 0xc4, 0x9a),
            (Ink::Quiet, Theme::Light) => RGBColor(0xa3, 0xab, 0xb5),
            (Ink::Quiet, Theme::Dark) => RGBColor(0x5b, 0x64, 0x70),
        }
    }
}

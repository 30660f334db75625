//! The programs of the README and the guide.
#![allow(
    missing_docs,
    clippy::all,
    unused_qualifications,
    reason = "the programs are generated from the pages, where they are written for readers"
)]

/// A program of a page.
pub struct Block {
    /// The page, from the repository's top.
    pub page: &'static str,
    /// Lines of the opening and the closing fence, from 1.
    pub line: usize,
    pub end: usize,
    /// What stands beneath it as its output.
    pub printed: Option<&'static str>,
    /// The program; `None` where it is compiled alone.
    pub run: Option<fn()>,
}

include!(concat!(env!("OUT_DIR"), "/blocks.rs"));

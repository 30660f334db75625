//! Bytes that are no plan that can go on.

/// Why [`AskTell::from_bytes`](crate::AskTell::from_bytes) can't read a plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SavedPlanError {
    /// The bytes do not begin as a saved plan does.
    #[error("these bytes are no saved plan; pass all that `to_bytes` returned")]
    NoPlan,
    /// The plan was saved in another format.
    #[error(
        "the plan was saved in format {found}, and format {expected} is read; finish it with the version that saved it, or make the plan again"
    )]
    Version {
        /// The format of the bytes.
        found: u16,
        /// The one that is read.
        expected: u16,
    },
    /// The plan finds something else.
    #[error("the plan finds {found}, not {expected}; read it as `AskTell<{found}>`")]
    Kind {
        /// What the saved plan returns.
        found: String,
        /// What is to be read.
        expected: String,
    },
    /// Fewer or more bytes than were saved.
    #[error(
        "the saved plan has {found} bytes of {expected}; read the whole file, or an older copy"
    )]
    Length {
        /// Bytes passed.
        found: u64,
        /// Bytes saved.
        expected: u64,
    },
    /// Bytes were changed.
    #[error("the saved plan is damaged: its checksum does not match; read an older copy")]
    Damaged,
}

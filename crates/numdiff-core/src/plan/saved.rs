//! Plans as bytes.

use super::AskTell;
use super::rounds::LinePlan;
use crate::answer::Returned;
use crate::saved::{Kind, SavedError};

/// The version is raised by whatever changes what is saved of a plan.
const PLAN: Kind = Kind {
    what: "plan",
    tag: *b"PLAN",
    version: 4,
};

#[allow(private_bounds)]
impl<A: Returned> AskTell<A> {
    /// The plan as bytes, to go on in another process: where it stands, all it was told, to the last bit.
    /// They begin with a mark and the version of their format, and end with a checksum.
    ///
    /// # Example
    /// ```
    /// use numdiff_core::{AskTell, FiniteDifference};
    /// let mut plan = FiniteDifference::central().plan().gradient(&[3.0, 4.0]).ask_tell()?;
    /// let job = plan.ask()?.remove(0);
    /// plan.tell(job.id, [job.point(plan.x()).iter().product()])?;
    /// let mut bytes = plan.to_bytes();
    /// let again = AskTell::from_bytes(&bytes)?;
    /// # let _: &AskTell<ndarray::Array1<f64>> = &again;
    /// println!("{again}");
    /// # assert_eq!(again.to_bytes(), plan.to_bytes());
    /// bytes[20] += 1;
    /// assert!(AskTell::<ndarray::Array1<f64>>::from_bytes(&bytes).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    /// ```text
    /// gradient at 2 coordinates: 1 evaluations told, 3 open
    /// ```
    pub fn to_bytes(&self) -> Vec<u8> {
        PLAN.to_bytes(&(A::name(), &self.plan))
    }

    /// The plan that [`to_bytes`](Self::to_bytes) saved.
    ///
    /// # Errors
    /// [`SavedError`], whatever the bytes are: no plan, one of another version or with another result than
    /// `A`, too few or too many bytes, a byte that was changed.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SavedError> {
        let (found, plan): (String, LinePlan) = PLAN.from_bytes(bytes)?;
        let expected = A::name();
        if found != expected {
            let what = PLAN.what;
            return Err(SavedError::Result {
                what,
                found,
                expected,
            });
        }
        Ok(Self::new(plan, A::returned))
    }
}

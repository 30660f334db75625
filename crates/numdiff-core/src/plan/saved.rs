//! Plans as bytes.

use super::lines::LinePlan;
use super::{AskTell, block};
use crate::answer::Returned;
use crate::error::SavedPlanError;

#[allow(private_bounds)]
impl<A: Returned> AskTell<A> {
    /// The plan as bytes, to go on in another process: where it stands, all it was told, to the last bit.
    /// They begin with a mark and the version of their format, and end with a checksum.
    ///
    /// # Example
    /// ```
    /// use numdiff_core::{AskTell, FiniteDifference, SavedPlanError};
    /// let mut plan = FiniteDifference::central().planned().gradient(&[3.0, 4.0])?;
    /// let job = plan.ask()?.remove(0);
    /// plan.tell(job.id, [job.point(plan.x()).iter().product()])?;
    /// let mut bytes = plan.to_bytes();
    /// let again = AskTell::from_bytes(&bytes)?;
    /// # let _: &AskTell<ndarray::Array1<f64>> = &again;
    /// println!("{again}");
    /// # assert_eq!(again.to_bytes(), plan.to_bytes());
    /// bytes[20] += 1;
    /// let damaged = AskTell::<ndarray::Array1<f64>>::from_bytes(&bytes);
    /// println!("{}", damaged.unwrap_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    /// ```text
    /// gradient at 2 coordinates: 1 evaluations told, 3 open
    /// the saved plan is damaged: its checksum does not match; read an older copy
    /// ```
    pub fn to_bytes(&self) -> Vec<u8> {
        let saved = (&self.plan, self.offset);
        match postcard::to_allocvec(&saved) {
            Ok(contents) => block::wrap(&A::name(), &contents),
            Err(_) => unreachable!("a plan consists of numbers and lists of known length"),
        }
    }

    /// The plan that [`to_bytes`](Self::to_bytes) saved.
    ///
    /// # Errors
    /// [`SavedPlanError`], whatever the bytes are: no plan, one that returns something else than `A`, one of
    /// another version, too few or too many bytes, a byte that was changed.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SavedPlanError> {
        let contents = block::unwrap(&A::name(), bytes)?;
        let (plan, offset): (LinePlan, u64) =
            postcard::from_bytes(contents).map_err(|_| SavedPlanError::Damaged)?;
        Ok(Self::new(plan, offset, A::returned))
    }
}

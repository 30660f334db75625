//! Messages that never wait for the other side: sends are immediate, receives are probed for.

use crate::message::{decode, encode};
use mpi::Rank;
use mpi::point_to_point::{Destination, Source};
use mpi::request::{Request, StaticScope};
use mpi::topology::SimpleCommunicator;
use mpi::traits::Communicator;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Sends under way.
#[derive(Default)]
pub(crate) struct Outbox {
    sending: Vec<Sending>,
}

/// A send that MPI has not finished with.
///
/// An MPI send to a rank that stopped answering can neither be finished nor, in Open MPI, be
/// canceled. So its buffer belongs to MPI until then: dropped early, it is leaked.
struct Sending {
    request: Option<Request<'static, [u8], StaticScope>>,
    bytes: Option<Arc<Vec<u8>>>,
}

impl Sending {
    /// Whether MPI is done with the buffer, which is then released.
    fn is_done(&mut self) -> bool {
        if let Some(request) = self.request.take() {
            match request.test() {
                Ok(_) => self.bytes = None,
                Err(request) => self.request = Some(request),
            }
        }
        self.request.is_none()
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        if let Some(request) = self.request.take() {
            std::mem::forget(request);
            std::mem::forget(self.bytes.take());
        }
    }
}

impl Outbox {
    /// Starts to send a message.
    pub fn send<M: Serialize>(&mut self, comm: &SimpleCommunicator, to: Rank, message: &M) {
        self.send_bytes(comm, to, &Arc::new(encode(message)));
    }

    /// Starts to send bytes that several messages share.
    pub fn send_bytes(&mut self, comm: &SimpleCommunicator, to: Rank, bytes: &Arc<Vec<u8>>) {
        self.reap();
        let bytes = Arc::clone(bytes);
        // SAFETY: the buffer is on the heap, is not written to, and lives until MPI has finished
        // the request: `Sending` keeps a share of it till then, or leaks that share.
        let lasting = unsafe { std::slice::from_raw_parts(bytes.as_ptr(), bytes.len()) };
        let request = comm
            .process_at_rank(to)
            .immediate_send(StaticScope, lasting);
        self.sending.push(Sending {
            request: Some(request),
            bytes: Some(bytes),
        });
    }

    /// Releases what has been sent; whether that is everything.
    pub fn reap(&mut self) -> bool {
        self.sending.retain_mut(|sending| !sending.is_done());
        self.sending.is_empty()
    }
}

/// The next message that has arrived, and its sender.
pub(crate) fn receive<M: for<'a> Deserialize<'a>>(comm: &SimpleCommunicator) -> Option<(Rank, M)> {
    let (message, status) = comm.any_process().immediate_matched_probe()?;
    let mut bytes =
        vec![0u8; status.count(<u8 as mpi::traits::Equivalence>::equivalent_datatype()) as usize];
    message.matched_receive_into(&mut bytes[..]);
    Some((status.source_rank(), decode(&bytes)))
}

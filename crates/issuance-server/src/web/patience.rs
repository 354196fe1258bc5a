//! Clients that do not take up what they asked for: a connection on which an answer cannot be written is dropped after its
//! time, and those who read slowly get more of it with every byte they take. Below TLS, so that a handshake is held to it
//! too. Hyper limits how slowly a head is sent and the gate how slowly a body; neither looks at who does not read.

use std::future::{Future, Ready, ready};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready as wait_for};
use std::time::Duration;

use axum_server::accept::Accept;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// Gives each connection its patience.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// How long nothing needs to be taken.
    pub limit: Duration,
}

impl<I, S> Accept<I, S> for Patience {
    type Stream = Patient<I>;
    type Service = S;
    type Future = Ready<io::Result<(Patient<I>, S)>>;

    fn accept(&self, stream: I, service: S) -> Self::Future {
        ready(Ok((Patient { stream, limit: self.limit, waiting: None }, service)))
    }
}

/// A connection that is not waited for without end.
#[derive(Debug)]
pub struct Patient<I> {
    stream: I,
    limit: Duration,
    /// Runs from when the other side took nothing until all that was to be written is.
    waiting: Option<Pin<Box<Sleep>>>,
}

impl<I: AsyncWrite + Unpin> Patient<I> {
    fn written(&mut self, outcome: Poll<io::Result<usize>>, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        match (&outcome, &mut self.waiting) {
            (Poll::Pending, _) => self.wait(cx),
            (Poll::Ready(Ok(bytes)), Some(waiting)) => {
                let more = Duration::from_secs(*bytes as u64) / LEAST_BYTES_A_SECOND;
                let later = waiting.deadline() + more;
                waiting.as_mut().reset(later);
                outcome
            }
            _ => outcome,
        }
    }

    fn wait<T>(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        let limit = self.limit;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(limit)));
        wait_for!(waiting.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Patient<I> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.written(outcome, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(cx, pieces);
        self.written(outcome, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_flush(cx) {
            Poll::Pending => self.wait(cx),
            // Whoever writes flushes when nothing is left to be written.
            done => {
                self.waiting = None;
                done
            }
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_shutdown(cx) {
            Poll::Pending => self.wait(cx),
            done => done,
        }
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Patient<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

/// A bad mobile line does more; a bundle of a province takes half a minute at it.
const LEAST_BYTES_A_SECOND: u32 = 1024;

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

    use super::*;

    /// Two ends with room for 1 kB between them.
    fn ends(limit_ms: u64) -> (Patient<DuplexStream>, DuplexStream) {
        let (ours, theirs) = tokio::io::duplex(1024);
        (Patient { stream: ours, limit: Duration::from_millis(limit_ms), waiting: None }, theirs)
    }

    async fn write(patient: &mut Patient<DuplexStream>, bytes: usize) -> io::Result<()> {
        patient.write_all(&vec![0; bytes]).await?;
        patient.flush().await
    }

    #[tokio::test]
    async fn whoever_takes_nothing_is_dropped() {
        let (mut patient, _theirs) = ends(50);
        assert_eq!(write(&mut patient, 1024).await.map_err(|e| e.kind()), Ok(()), "there is room for it");
        assert_eq!(write(&mut patient, 1).await.map_err(|e| e.kind()), Err(io::ErrorKind::TimedOut));
    }

    #[tokio::test]
    async fn whoever_takes_a_byte_now_and_then_gains_no_more_time_than_it_is_worth() {
        let (mut patient, mut theirs) = ends(50);
        tokio::spawn(async move {
            loop {
                sleep(Duration::from_millis(5)).await;
                let _ = theirs.read_u8().await;
            }
        });
        let written = write(&mut patient, 1 << 20).await;
        assert_eq!(written.map_err(|e| e.kind()), Err(io::ErrorKind::TimedOut));
    }

    #[tokio::test]
    async fn a_slow_line_gets_a_long_answer_whole_and_a_pause_between_two_costs_nothing() {
        let (mut patient, mut theirs) = ends(300);
        let reading = tokio::spawn(async move {
            let (mut piece, mut taken) = ([0; 256], 0);
            while let Ok(bytes @ 1..) = theirs.read(&mut piece).await {
                taken += bytes;
                sleep(Duration::from_millis(10)).await;
            }
            taken
        });
        let begun = tokio::time::Instant::now();
        write(&mut patient, 16 * 1024).await.unwrap();
        assert!(begun.elapsed() > patient.limit, "it took longer than a reader of nothing is waited for");
        sleep(patient.limit * 2).await;
        write(&mut patient, 4 * 1024).await.unwrap();
        drop(patient);
        assert_eq!(reading.await.unwrap(), 20 * 1024);
    }
}

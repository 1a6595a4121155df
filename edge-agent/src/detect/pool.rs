//! The threads that all cameras share, and the line in front of them. Knows nothing of pictures or networks.
//!
//! What always holds: a seat has at most one job in the line, a newer one takes the place of the older, and the job
//! that waits longest is next. So the line is never longer than there are seats, a camera that hands in often cannot
//! keep another one waiting for more than one job of each, and one that hands in nothing costs nobody anything.
//!
//! Jobs are worked on one by one. The set-up's model has a fixed batch axis of one, and a batch would bring nothing here: a
//! copy of it whose batch axis was freed takes 7.6, 7.5 and 7.6 ms of processor time a frame for 1, 2 and 4 frames of
//! 416x256 at once in int8, and 16.7, 16.6 and 16.5 ms in fp32 (one thread, the best of 60 runs each). Gathering frames
//! would only make the first one wait.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Who waits, the longest waiting first; one place a seat.
#[derive(Debug)]
struct Line<T> {
    waiting: VecDeque<(u64, T)>,
}

impl<T> Line<T> {
    fn new() -> Self {
        Self { waiting: VecDeque::new() }
    }

    /// Takes a seat's job in and gives back the one that it replaces, whose place it takes.
    fn hand_in(&mut self, seat: u64, job: T) -> Option<T> {
        match self.waiting.iter_mut().find(|(other, _)| *other == seat) {
            Some((_, older)) => Some(std::mem::replace(older, job)),
            None => {
                self.waiting.push_back((seat, job));
                None
            }
        }
    }

    /// The job that has waited longest.
    fn next(&mut self) -> Option<T> {
        self.waiting.pop_front().map(|(_, job)| job)
    }

    /// Takes out what a seat that goes away left.
    fn leave(&mut self, seat: u64) {
        self.waiting.retain(|(other, _)| *other != seat);
    }
}

/// A job on its way: what is worked on, and where the answer goes together with it, so that its memory is used again.
struct Job<J, A> {
    input: J,
    answer: SyncSender<(A, J)>,
}

struct Shared<J, A> {
    state: Mutex<State<J, A>>,
    changed: Condvar,
    seats: AtomicU64,
}

struct State<J, A> {
    line: Line<Job<J, A>>,
    closed: bool,
}

impl<J, A> Shared<J, A> {
    // A thread that panicked inside left a whole state behind: each change is one assignment.
    fn lock(&self) -> MutexGuard<'_, State<J, A>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the threads when the pool and all its seats are gone.
struct Owner<J, A>(Arc<Shared<J, A>>);

impl<J, A> Drop for Owner<J, A> {
    fn drop(&mut self) {
        self.0.lock().closed = true;
        self.0.changed.notify_all();
    }
}

/// Threads that work on what is handed in at its seats.
pub(super) struct Pool<J, A> {
    owner: Arc<Owner<J, A>>,
}

impl<J, A> Clone for Pool<J, A> {
    fn clone(&self) -> Self {
        Self { owner: self.owner.clone() }
    }
}

/// One camera's way into the pool.
pub(super) struct Seat<J, A> {
    owner: Arc<Owner<J, A>>,
    number: u64,
}

impl<J: Send + 'static, A: Send + 'static> Pool<J, A> {
    /// Starts a thread for each worker.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn start<W>(workers: Vec<W>) -> std::io::Result<Self>
    where
        W: FnMut(&J) -> A + Send + 'static,
    {
        let state = Mutex::new(State { line: Line::new(), closed: false });
        let shared = Arc::new(Shared { state, changed: Condvar::new(), seats: AtomicU64::new(0) });
        let pool = Self { owner: Arc::new(Owner(shared)) };
        for (number, worker) in workers.into_iter().enumerate() {
            let shared = pool.owner.0.clone();
            std::thread::Builder::new()
                .name(format!("infer-{number}"))
                .spawn(move || work(worker, &shared))?;
        }
        Ok(pool)
    }

    /// A new seat.
    pub(super) fn seat(&self) -> Seat<J, A> {
        let number = self.owner.0.seats.fetch_add(1, Ordering::Relaxed);
        Seat { owner: self.owner.clone(), number }
    }
}

impl<J, A> Seat<J, A> {
    /// Hands a job in and waits for its answer; the job comes back with it. `None` when the work panicked.
    pub(super) fn ask(&mut self, input: J) -> Option<(A, J)> {
        self.hand_in(input).recv().ok()
    }

    /// Hands a job in. The receiver ends without an answer when a newer job takes its place or the work panics.
    fn hand_in(&mut self, input: J) -> Receiver<(A, J)> {
        let (answer, coming) = sync_channel(1);
        drop(self.owner.0.lock().line.hand_in(self.number, Job { input, answer }));
        self.owner.0.changed.notify_one();
        coming
    }
}

impl<J, A> Drop for Seat<J, A> {
    fn drop(&mut self) {
        self.owner.0.lock().line.leave(self.number);
    }
}

fn work<J, A>(mut worker: impl FnMut(&J) -> A, shared: &Shared<J, A>) {
    loop {
        let state = shared.lock();
        let idle = |state: &mut State<J, A>| state.line.waiting.is_empty() && !state.closed;
        let mut state = shared.changed.wait_while(state, idle).unwrap_or_else(PoisonError::into_inner);
        let Some(job) = state.line.next() else { return };
        drop(state);
        // One camera's odd picture must not take the thread from the others.
        if let Ok(found) = catch_unwind(AssertUnwindSafe(|| worker(&job.input))) {
            // A camera that was stopped meanwhile does not take its answer.
            let _ = job.answer.send((found, job.input));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn a_newer_frame_takes_the_place_of_the_older_and_the_line_stays_as_long_as_there_are_cameras() {
        let mut line = Line::new();
        for frame in 0..1000 {
            for camera in [7, 8, 9] {
                let replaced = line.hand_in(camera, (camera, frame));
                assert_eq!(replaced, (frame > 0).then(|| (camera, frame - 1)));
            }
        }
        assert_eq!(line.waiting.len(), 3);
        let taken: Vec<_> = std::iter::from_fn(|| line.next()).collect();
        assert_eq!(taken, [(7, 999), (8, 999), (9, 999)]);
    }

    #[test]
    fn a_camera_that_hands_in_all_the_time_gets_no_more_than_its_turn() {
        let mut line = Line::new();
        let mut served = [0; 4];
        for camera in 1..4 {
            line.hand_in(camera, camera);
        }
        for _ in 0..400 {
            // Camera 0 hands in before each job, the others only when their last one was taken.
            line.hand_in(0, 0);
            let camera = line.next().unwrap();
            served[usize::try_from(camera).unwrap()] += 1_u32;
            line.hand_in(camera, camera);
        }
        assert_eq!(served, [100; 4]);
    }

    #[test]
    fn what_a_camera_left_behind_is_not_worked_on() {
        let mut line = Line::new();
        line.hand_in(1, "gone");
        line.hand_in(2, "stays");
        line.leave(1);
        assert_eq!((line.next(), line.next()), (Some("stays"), None));
    }

    /// A pool of one thread that tells what it begins and goes on when it is let.
    fn held() -> (Pool<u32, u32>, Receiver<u32>, std::sync::mpsc::Sender<()>) {
        let (begun, begins) = channel();
        let (lets, let_go) = channel::<()>();
        let worker = move |job: &u32| {
            begun.send(*job).unwrap();
            let_go.recv().unwrap();
            assert_ne!(*job, 13, "an odd picture");
            job * 2
        };
        (Pool::start(vec![worker]).unwrap(), begins, lets)
    }

    #[test]
    fn a_camera_that_does_not_fetch_its_answer_or_goes_away_holds_nobody_up() {
        let (pool, begins, lets) = held();
        let (mut stalled, mut gone, mut neighbour) = (pool.seat(), pool.seat(), pool.seat());
        let _never_read = stalled.hand_in(1);
        assert_eq!(begins.recv(), Ok(1));
        let (dropped, first) = (gone.hand_in(2), neighbour.hand_in(3));
        // While one job is worked on, the stalled camera's newer frames replace each other.
        let older: Vec<_> = (10..20).map(|job| stalled.hand_in(job)).collect();
        drop(gone);
        (0..3).for_each(|_| lets.send(()).unwrap());
        assert_eq!(first.recv(), Ok((6, 3)));
        assert_eq!([begins.recv(), begins.recv()], [Ok(3), Ok(19)]);
        assert!(dropped.recv().is_err());
        assert_eq!(older.iter().filter_map(|answer| answer.recv().ok()).collect::<Vec<_>>(), [(38, 19)]);
    }

    #[test]
    fn a_picture_that_breaks_the_work_costs_its_camera_one_answer_and_nobody_else_any() {
        let (pool, _begins, lets) = held();
        let (mut odd, mut neighbour) = (pool.seat(), pool.seat());
        let (answer, other) = (odd.hand_in(13), neighbour.hand_in(4));
        (0..3).for_each(|_| lets.send(()).unwrap());
        assert!(answer.recv().is_err());
        assert_eq!(other.recv(), Ok((8, 4)));
        assert_eq!(odd.ask(5), Some((10, 5)));
    }

    #[test]
    fn the_threads_end_with_the_last_seat() {
        let alive = Arc::new(());
        let held = alive.clone();
        let pool = Pool::start(vec![move |job: &u32| (*job, Arc::strong_count(&held)).0]).unwrap();
        let mut seat = pool.seat();
        drop(pool);
        assert_eq!(seat.ask(1), Some((1, 1)), "a seat keeps the pool");
        drop(seat);
        while Arc::strong_count(&alive) > 1 {
            std::thread::yield_now();
        }
    }
}

// crossbeam's WaitGroup: the workloads of workloads.h. A clone adds, a drop is a done, and wait() gives
// up a clone of its own; a group is used once.
use crossbeam_utils::sync::WaitGroup;
use std::cell::UnsafeCell;
use std::io::Write;
use std::sync::atomic::{AtomicI32, AtomicI64, Ordering::*};
use std::time::{Duration, Instant};

#[repr(align(128))]
struct Padded<T>(T);

// Handed from the main thread to one other and back, in turns that the workload itself orders.
struct Slot(UnsafeCell<Option<WaitGroup>>);
unsafe impl Sync for Slot {}
impl Slot {
    const EMPTY: Slot = Slot(UnsafeCell::new(None));
    fn put(&self, group: WaitGroup) {
        unsafe { *self.0.get() = Some(group) }
    }
    fn take(&self) -> WaitGroup {
        unsafe { (*self.0.get()).take().unwrap() }
    }
}

struct Bench {
    threads: usize,
    budget: i64,
    origin: Instant,
}

fn quantile(name: &str, samples: &mut Vec<f64>, q: f64) {
    samples.sort_by(|a, b| a.partial_cmp(b).unwrap());
    println!("{} {:.3}", name, samples[(q * (samples.len() - 1) as f64 + 0.5) as usize]);
}

#[inline(never)]
fn loop_add_done(group: &WaitGroup, n: usize) {
    for _ in 0..n {
        drop(group.clone());
    }
}

#[inline(never)]
fn pair_add_done(group: &WaitGroup) {
    drop(group.clone());
}

fn loop_call_add_done(group: &WaitGroup, n: usize) {
    for _ in 0..n {
        pair_add_done(group);
    }
}

fn spawn<F: FnOnce() + Send + 'static>(body: F) {
    std::thread::Builder::new().stack_size(128 << 10).spawn(body).expect("thread");
}

const CHUNK: i64 = 300_000;

static START: [[Slot; 2]; 512] = {
    const PAIR: [Slot; 2] = [Slot::EMPTY, Slot::EMPTY];
    [PAIR; 512]
};
static JOINED: [[Slot; 2]; 512] = {
    const PAIR: [Slot; 2] = [Slot::EMPTY, Slot::EMPTY];
    [PAIR; 512]
};
static TO_RETURN: Padded<AtomicI32> = Padded(AtomicI32::new(0));
static LAST_BACK: Padded<AtomicI64> = Padded(AtomicI64::new(0));
static ARRIVED: Padded<AtomicI64> = Padded(AtomicI64::new(0));
static RELEASED: Padded<AtomicI64> = Padded(AtomicI64::new(0));
static FINISHED: Padded<AtomicI64> = Padded(AtomicI64::new(0));

impl Bench {
    fn now(&self) -> i64 {
        self.origin.elapsed().as_nanos() as i64 + 1
    }

    fn chunk_size(&self, body: fn(&WaitGroup, usize), group: &WaitGroup) -> usize {
        let mut n = 64;
        loop {
            let begin = self.now();
            body(group, n);
            if self.now() - begin > CHUNK / 2 {
                return 2 * n;
            }
            n *= 2;
        }
    }

    fn run_loop(&self, body: fn(&WaitGroup, usize)) {
        let group = WaitGroup::new();
        let n = self.chunk_size(body, &group);
        let mut samples = Vec::new();
        let mut t = self.now();
        let end = t + self.budget;
        while t < end || samples.len() < 3 {
            let begin = t;
            body(&group, n);
            t = self.now();
            samples.push((t - begin) as f64 / n as f64);
        }
        quantile("ns", &mut samples, 0.5);
    }

    fn run_two_threads(&self) {
        let group = WaitGroup::new();
        let n = self.chunk_size(loop_add_done, &group) / 4;
        let other = group.clone();
        spawn(move || {
            let mut chunk = 1;
            loop {
                ARRIVED.0.store(chunk, Release);
                loop {
                    let released = RELEASED.0.load(Acquire);
                    if released == chunk {
                        break;
                    } else if released < 0 {
                        return;
                    }
                }
                loop_add_done(&other, n);
                FINISHED.0.store(chunk, Release);
                chunk += 1;
            }
        });
        let mut samples = Vec::new();
        let end = self.now() + self.budget;
        let mut chunk = 1;
        while self.now() < end || chunk <= 3 {
            while ARRIVED.0.load(Acquire) != chunk {}
            let begin = self.now();
            RELEASED.0.store(chunk, Release);
            loop_add_done(&group, n);
            while FINISHED.0.load(Acquire) != chunk {}
            samples.push((self.now() - begin) as f64 / n as f64);
            chunk += 1;
        }
        RELEASED.0.store(-1, Release);
        quantile("ns", &mut samples, 0.5);
    }

    // A fresh gate with a clone for each thread.
    fn gate(&self, which: usize) -> WaitGroup {
        let gate = WaitGroup::new();
        for slots in &START[..self.threads] {
            slots[which].put(gate.clone());
        }
        gate
    }

    fn run_fork_join(&self) {
        let mut gate = self.gate(0);
        for i in 0..self.threads {
            spawn(move || {
                let mut round = 0;
                loop {
                    START[i][round % 2].take().wait();
                    drop(JOINED[i][round % 2].take());
                    round += 1;
                }
            });
        }
        let (mut round, mut counted, mut warm) = (0, 0, false);
        let mut begin = self.now();
        loop {
            let next = self.gate((round + 1) % 2);
            let joined = WaitGroup::new();
            for slots in &JOINED[..self.threads] {
                slots[round % 2].put(joined.clone());
            }
            drop(gate);
            joined.wait();
            gate = next;
            round += 1;
            counted += 1;
            if counted % 8 != 0 {
                continue;
            }
            let t = self.now();
            if !warm && t - begin > self.budget / 10 {
                warm = true;
                begin = t;
                counted = 0;
            } else if warm && t - begin > self.budget {
                println!("ns {:.3}", (t - begin) as f64 / counted as f64);
                std::mem::forget(gate);
                return;
            }
        }
    }

    fn run_release(&self, clock: &'static Bench) {
        let (mut samples, mut inside) = (Vec::new(), Vec::new());
        let mut gate = self.gate(0);
        for i in 0..self.threads {
            spawn(move || {
                let mut round = 0;
                loop {
                    START[i][round % 2].take().wait();
                    if TO_RETURN.0.fetch_sub(1, AcqRel) == 1 {
                        LAST_BACK.0.store(clock.now(), Release);
                    }
                    round += 1;
                }
            });
        }
        let end = self.now() + self.budget;
        let mut round = 0;
        while self.now() < end || round < 4 {
            let next = self.gate((round + 1) % 2);
            LAST_BACK.0.store(0, Relaxed);
            TO_RETURN.0.store(self.threads as i32, Relaxed);
            std::thread::sleep(Duration::from_nanos(300_000 + 20_000 * self.threads as u64));
            let t0 = self.now();
            drop(gate);
            let t1 = self.now();
            gate = next;
            let mut last = 0;
            while last == 0 {
                std::thread::sleep(Duration::from_micros(100));
                last = LAST_BACK.0.load(Acquire);
            }
            if round > 0 {
                samples.push((last - t0) as f64);
                inside.push((t1 - t0) as f64);
            }
            round += 1;
        }
        std::mem::forget(gate);
        quantile("ns", &mut samples, 0.5);
        quantile("p99_ns", &mut samples, 0.99);
        quantile("done_ns", &mut inside, 0.5);
    }

    fn run_arrived(&self, clock: &'static Bench) {
        let mut samples = Vec::new();
        let mut gate = self.gate(0);
        spawn(move || {
            let mut round = 0;
            loop {
                let group = START[0][round % 2].take();
                ARRIVED.0.store(clock.now(), Release);
                group.wait();
                FINISHED.0.store(clock.now(), Release);
                while FINISHED.0.load(Acquire) != 0 {}
                round += 1;
            }
        });
        let end = self.now() + self.budget;
        let mut round = 0;
        while self.now() < end || round < 100 {
            let (mut arrived, mut t0, mut back) = (0, 0, 0);
            while arrived == 0 {
                arrived = ARRIVED.0.load(Acquire);
            }
            ARRIVED.0.store(0, Relaxed);
            let next = self.gate((round + 1) % 2);
            while t0 < arrived + 1000 {
                t0 = self.now();
            }
            drop(gate);
            gate = next;
            while back == 0 {
                back = FINISHED.0.load(Acquire);
            }
            if round >= 50 {
                samples.push((back - t0) as f64);
            }
            FINISHED.0.store(0, Release);
            round += 1;
        }
        std::mem::forget(gate);
        quantile("ns", &mut samples, 0.5);
        quantile("p99_ns", &mut samples, 0.99);
    }

    fn run_thread(&self) {
        const WARM: usize = 64;
        let end = self.now() + self.budget;
        let (mut round, mut begin) = (0, 0);
        loop {
            let t = self.now();
            if t >= end && round >= 2 * WARM {
                println!("ns {:.3}", (t - begin) as f64 / (round - WARM) as f64);
                return;
            }
            if round == WARM {
                begin = t;
            }
            let group = WaitGroup::new();
            let task = group.clone();
            std::thread::Builder::new().stack_size(8 << 20).spawn(move || drop(task)).expect("thread");
            group.wait();
            round += 1;
        }
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |i: usize| arguments.get(i).and_then(|a| a.parse::<f64>().ok()).unwrap_or(0.0);
    let (threads, milliseconds) = (number(2) as usize, number(3));
    if threads < 1 || threads > 512 || milliseconds <= 0.0 {
        eprintln!("usage: peer WORKLOAD THREADS(1 to 512) MILLISECONDS");
        std::process::exit(2);
    }
    let bench: &'static Bench = Box::leak(Box::new(Bench {
        threads,
        budget: (milliseconds * 1e6) as i64,
        origin: Instant::now(),
    }));
    spawn(|| loop {
        std::thread::sleep(Duration::from_secs(1))
    });
    match arguments[1].as_str() {
        "add-done" => bench.run_loop(loop_add_done),
        "call-add-done" => bench.run_loop(loop_call_add_done),
        "two-threads" => bench.run_two_threads(),
        "fork-join" => bench.run_fork_join(),
        "release" => bench.run_release(bench),
        "arrived" => bench.run_arrived(bench),
        "thread" => bench.run_thread(),
        other => {
            eprintln!("bench: this peer has no workload \"{}\"", other);
            std::process::exit(2);
        }
    }
    std::io::stdout().flush().unwrap();
}

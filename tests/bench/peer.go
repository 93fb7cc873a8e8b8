// Go's sync.WaitGroup: the workloads of workloads.h. Tasks and waiters are goroutines, which Go's
// scheduler parks in the process itself.
package main

import (
	"fmt"
	"os"
	"sort"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

var (
	threads int
	budget  time.Duration
	samples []float64
	origin  = time.Now()
)

func now() int64 { return int64(time.Since(origin)) + 1 }

func printQuantile(name string, values []float64, quantile float64) {
	sort.Float64s(values)
	fmt.Printf("%s %.3f\n", name, values[int(quantile*float64(len(values)-1)+0.5)])
}

// ---------------------------------------------------------------------- nobody sleeps: loops

type padded struct {
	_  [128]byte
	wg sync.WaitGroup
	_  [128]byte
}

var microGroup padded

//go:noinline
func loopAddDone(wg *sync.WaitGroup, n int) {
	for i := 0; i < n; i++ {
		wg.Add(1)
		wg.Done()
	}
}

//go:noinline
func pairAddDone(wg *sync.WaitGroup) {
	wg.Add(1)
	wg.Done()
}

func loopCallAddDone(wg *sync.WaitGroup, n int) {
	for i := 0; i < n; i++ {
		pairAddDone(wg)
	}
}

//go:noinline
func loopAddDoneWait(wg *sync.WaitGroup, n int) {
	for i := 0; i < n; i++ {
		wg.Add(1)
		wg.Done()
		wg.Wait()
	}
}

//go:noinline
func loopWait(wg *sync.WaitGroup, n int) {
	for i := 0; i < n; i++ {
		wg.Wait()
	}
}

const chunk = 300000

func chunkSize(loop func(*sync.WaitGroup, int)) int {
	for n := 64; ; n *= 2 {
		begin := now()
		loop(&microGroup.wg, n)
		if now()-begin > chunk/2 {
			return 2 * n
		}
	}
}

func runLoop(loop func(*sync.WaitGroup, int)) {
	n := chunkSize(loop)
	t := now()
	for end := t + int64(budget); t < end || len(samples) < 3; {
		begin := t
		loop(&microGroup.wg, n)
		t = now()
		samples = append(samples, float64(t-begin)/float64(n))
	}
	printQuantile("ns", samples, 0.5)
}

type counter struct {
	_ [128]byte
	v int32
	_ [128]byte
}

func runTwoThreads() {
	n := chunkSize(loopAddDone) / 4
	var arrived, released, finished counter
	go func() {
		for c := int32(1); ; c++ {
			atomic.StoreInt32(&arrived.v, c)
			for r := int32(0); r != c; {
				if r = atomic.LoadInt32(&released.v); r < 0 {
					return
				}
			}
			loopAddDone(&microGroup.wg, n)
			atomic.StoreInt32(&finished.v, c)
		}
	}()
	end := now() + int64(budget)
	for c := int32(1); now() < end || c <= 3; c++ {
		for atomic.LoadInt32(&arrived.v) != c {
		}
		begin := now()
		atomic.StoreInt32(&released.v, c)
		loopAddDone(&microGroup.wg, n)
		for atomic.LoadInt32(&finished.v) != c {
		}
		samples = append(samples, float64(now()-begin)/float64(n))
	}
	atomic.StoreInt32(&released.v, -1)
	printQuantile("ns", samples, 0.5)
}

// ------------------------------------------------------------------------- rounds that hand off

var start, joined [2]padded

func runForkJoin() {
	start[0].wg.Add(1)
	for i := 0; i < threads; i++ {
		go func() {
			for round := 0; ; round++ {
				start[round%2].wg.Wait()
				joined[round%2].wg.Done()
			}
		}()
	}
	begin := now()
	t, counted, warm := begin, 0, false
	for round := 0; ; round++ {
		start[(round+1)%2].wg.Add(1)
		joined[round%2].wg.Add(threads)
		start[round%2].wg.Done()
		joined[round%2].wg.Wait()
		counted++
		if counted%8 != 0 {
			continue
		}
		t = now()
		if !warm && t-begin > int64(budget)/10 {
			warm, begin, counted = true, t, 0
		} else if warm && t-begin > int64(budget) {
			break
		}
	}
	fmt.Printf("ns %.3f\n", float64(t-begin)/float64(counted))
}

func runRelease() {
	var toReturn int32
	var lastBack int64
	var inside []float64
	start[0].wg.Add(1)
	for i := 0; i < threads; i++ {
		go func() {
			for round := 0; ; round++ {
				start[round%2].wg.Wait()
				if atomic.AddInt32(&toReturn, -1) == 0 {
					atomic.StoreInt64(&lastBack, now())
				}
			}
		}()
	}
	end := now() + int64(budget)
	for round := 0; now() < end || round < 4; round++ {
		start[(round+1)%2].wg.Add(1)
		atomic.StoreInt64(&lastBack, 0)
		atomic.StoreInt32(&toReturn, int32(threads))
		time.Sleep(time.Duration(300000 + 20000*threads))
		t0 := now()
		start[round%2].wg.Done()
		t1 := now()
		last := int64(0)
		for last == 0 {
			time.Sleep(100 * time.Microsecond)
			last = atomic.LoadInt64(&lastBack)
		}
		if round > 0 {
			samples = append(samples, float64(last-t0))
			inside = append(inside, float64(t1-t0))
		}
	}
	printQuantile("ns", samples, 0.5)
	printQuantile("p99_ns", samples, 0.99)
	printQuantile("done_ns", inside, 0.5)
}

func runArrived() {
	var arrived, back struct {
		_ [128]byte
		v int64
		_ [128]byte
	}
	start[0].wg.Add(1)
	go func() {
		for round := 0; ; round++ {
			atomic.StoreInt64(&arrived.v, now())
			start[round%2].wg.Wait()
			atomic.StoreInt64(&back.v, now())
			for atomic.LoadInt64(&back.v) != 0 {
			}
		}
	}()
	end := now() + int64(budget)
	for round := 0; now() < end || round < 100; round++ {
		at, t0, t1 := int64(0), int64(0), int64(0)
		for at == 0 {
			at = atomic.LoadInt64(&arrived.v)
		}
		atomic.StoreInt64(&arrived.v, 0)
		start[(round+1)%2].wg.Add(1)
		for t0 < at+1000 {
			t0 = now()
		}
		start[round%2].wg.Done()
		for t1 == 0 {
			t1 = atomic.LoadInt64(&back.v)
		}
		if round >= 50 {
			samples = append(samples, float64(t1-t0))
		}
		atomic.StoreInt64(&back.v, 0)
	}
	printQuantile("ns", samples, 0.5)
	printQuantile("p99_ns", samples, 0.99)
}

func runThread() {
	const warm = 64
	end := now() + int64(budget)
	round, begin, t := 0, int64(0), int64(0)
	for ; ; round++ {
		if t = now(); t >= end && round >= 2*warm {
			break
		}
		if round == warm {
			begin = t
		}
		var wg sync.WaitGroup
		wg.Add(1)
		go wg.Done()
		wg.Wait()
	}
	fmt.Printf("ns %.3f\n", float64(t-begin)/float64(round-warm))
}

func main() {
	loops := map[string]func(*sync.WaitGroup, int){
		"add-done": loopAddDone, "call-add-done": loopCallAddDone,
		"add-done-wait": loopAddDoneWait, "wait": loopWait,
	}
	rounds := map[string]func(){
		"two-threads": runTwoThreads, "fork-join": runForkJoin, "release": runRelease,
		"arrived": runArrived, "thread": runThread,
	}
	var milliseconds float64
	if len(os.Args) == 4 {
		threads, _ = strconv.Atoi(os.Args[2])
		milliseconds, _ = strconv.ParseFloat(os.Args[3], 64)
	}
	if threads < 1 || threads > 512 || milliseconds <= 0 {
		fmt.Fprintln(os.Stderr, "usage: peer WORKLOAD THREADS(1 to 512) MILLISECONDS")
		os.Exit(2)
	}
	budget = time.Duration(milliseconds * 1e6)
	if loop, ok := loops[os.Args[1]]; ok {
		runLoop(loop)
	} else if run, ok := rounds[os.Args[1]]; ok {
		run()
	} else {
		fmt.Fprintf(os.Stderr, "bench: this peer has no workload %q\n", os.Args[1])
		os.Exit(2)
	}
}

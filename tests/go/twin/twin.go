// Package twin is to a twin what scenario.h is to a scenario: goroutines that can be joined, order
// without a happens-before edge, and the last act.
package twin

import (
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

var bodies = map[string]func(){}

// Twin registers a scenario under the name of its file, as race/write_after_done.
func Twin(body func()) struct{} {
	_, file, _, _ := runtime.Caller(1)
	directory, name := filepath.Split(strings.TrimSuffix(file, ".go"))
	bodies[filepath.Base(directory)+"/"+name] = body
	return struct{}{}
}

// Run runs a scenario. Without its last act, a crash could pass for a clean run.
func Run(name string) bool {
	body := bodies[name]
	if body == nil {
		return false
	}
	body()
	println("DONE")
	return true
}

// A Moment is passed by all of its parties together. It orders them in time and makes no
// happens-before edge: the race detector does not see what happens between Disable and Enable,
// which is how sync.WaitGroup hides its own atomics.
type Moment struct{ parties, passed uint32 }

func NewMoment(parties uint32) *Moment {
	return &Moment{parties: parties}
}

func (m *Moment) Pass() {
	runtime.RaceDisable()
	round := (atomic.AddUint32(&m.passed, 1) - 1) / m.parties
	for atomic.LoadUint32(&m.passed) < (round+1)*m.parties {
		runtime.Gosched()
	}
	runtime.RaceEnable()
}

// UntilBlocked returns when count goroutines are enlisted as waiters of the group: they block, or
// are about to. The low half of a group's first word counts them, in Go as in C.
//
//go:norace
func UntilBlocked(wg *sync.WaitGroup, count uint32) {
	for uint32(*(*uint64)(unsafe.Pointer(wg))) != count {
		runtime.Gosched()
	}
}

// A Thread is a goroutine that can be joined.
type Thread chan struct{}

func Start(body func()) Thread {
	thread := make(Thread)
	go func() {
		body()
		close(thread) // not deferred: main must not end before a panic of the body has ended the process
	}()
	return thread
}

func (thread Thread) Join() {
	<-thread
}

// StartWait is how Go programs wait with a deadline: a goroutine of its own waits, and a select
// chooses between the channel that it closes and the deadline.
func StartWait(wg *sync.WaitGroup) Thread {
	return Start(wg.Wait)
}

// IsOver tells whether a wait of StartWait returns within the given time.
func (thread Thread) IsOver(limit time.Duration) bool {
	select {
	case <-thread:
		return true
	case <-time.After(limit):
		return false
	}
}

// Fail ends a scenario whose events did not come as they should.
func Fail(why string) {
	panic("twin: " + why)
}

// Recover calls f, which panics.
func Recover(f func()) {
	defer func() {
		if recover() == nil {
			Fail("no panic")
		}
	}()
	f()
}

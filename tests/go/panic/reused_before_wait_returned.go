package panic

import (
	"runtime"
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	// One processor: the waiter that Done releases cannot run before the Add, unless the scheduler
	// takes the processor away in between; then there is another round.
	runtime.GOMAXPROCS(1)
	var wg sync.WaitGroup
	for round := 0; round < 100; round++ {
		wg.Add(1)
		waiter := Start(wg.Wait)
		UntilBlocked(&wg, 1)
		wg.Done()
		wg.Add(1)
		waiter.Join()
		wg.Done()
	}
})

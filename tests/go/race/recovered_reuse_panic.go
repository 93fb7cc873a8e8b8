package race

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
	var mutex sync.Mutex
	guarded, panicked := 0, false
	for !panicked {
		wg.Add(1)
		waiter := Start(func() {
			defer func() {
				panicked = recover() != nil
				mutex.Lock()
				guarded++
				mutex.Unlock()
			}()
			wg.Wait()
		})
		mutex.Lock()
		guarded++
		mutex.Unlock()
		UntilBlocked(&wg, 1)
		wg.Done()
		wg.Add(1)
		waiter.Join()
		wg.Done()
	}
})

package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	const waiters = 4
	var wg sync.WaitGroup
	var threads [waiters]Thread
	var seen [waiters]int
	result := 0
	wg.Add(1)
	for i := range threads {
		mine := &seen[i]
		threads[i] = Start(func() {
			wg.Wait()
			*mine = result
		})
	}
	UntilBlocked(&wg, waiters)
	result = 42
	wg.Done()
	for _, thread := range threads {
		thread.Join()
	}
})

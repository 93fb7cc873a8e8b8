package race

import (
	"sync"

	. "twins/twin"
)

// Without a wait that times out: in Go it would leave a waiter behind, and the next Add be misuse.
var _ = Twin(func() {
	var wg sync.WaitGroup
	written := NewMoment(2)
	result := 0
	wg.Add(2)
	wg.Add(-1)
	wg.Done()
	wg.Wait()
	Go(&wg, func() {
		result = 42
		written.Pass()
	})
	written.Pass()
	result++
	wg.Wait()
})

package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	var never Thread
	result := 0
	wg.Add(1)
	worker := Start(func() {
		result = 42
		UntilBlocked(&wg, 1)
		wg.Done()
	})
	select {
	case <-StartWait(&wg):
	case <-never:
		Fail("timed out")
	}
	result++
	worker.Join()
})

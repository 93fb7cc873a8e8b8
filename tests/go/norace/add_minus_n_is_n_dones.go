package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	result := 0
	wg.Add(2)
	worker := Start(func() {
		result = 42
		UntilBlocked(&wg, 1)
		wg.Add(-2)
	})
	wg.Wait()
	result++
	worker.Join()
})

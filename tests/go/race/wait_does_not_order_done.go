package race

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	result := 0
	wg.Add(1)
	waiter := Start(func() {
		result = 1
		wg.Wait()
	})
	UntilBlocked(&wg, 1)
	wg.Done()
	result = 2
	waiter.Join()
	_ = result
})

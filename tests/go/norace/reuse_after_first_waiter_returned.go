package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	returned := NewMoment(2)
	wg.Add(1)
	waiter := Start(func() {
		wg.Wait()
		returned.Pass()
	})
	UntilBlocked(&wg, 1)
	wg.Done()
	returned.Pass()
	waiter.Join()
	wg.Add(1)
	wg.Done()
})

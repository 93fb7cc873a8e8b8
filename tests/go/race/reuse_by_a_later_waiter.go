package race

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	returned := NewMoment(2)
	wg.Add(1)
	worker := Start(func() {
		UntilBlocked(&wg, 2)
		wg.Done()
	})
	waiter := Start(func() {
		wg.Wait()
		returned.Pass()
	})
	UntilBlocked(&wg, 1)
	wg.Wait()
	returned.Pass()
	wg.Add(1)
	wg.Done()
	waiter.Join()
	worker.Join()
})

package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	added := NewMoment(2)
	wg.Add(1)
	worker := Start(func() {
		added.Pass()
		UntilBlocked(&wg, 1)
		wg.Done()
	})
	added.Pass()
	wg.Wait()
	worker.Join()
})

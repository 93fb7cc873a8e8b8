package race

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	added := NewMoment(2)
	worker := Start(func() {
		wg.Add(1)
		added.Pass()
		UntilBlocked(&wg, 1)
		wg.Done()
	})
	added.Pass()
	wg.Wait()
	worker.Join()
})

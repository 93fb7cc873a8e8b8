package race

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	var never Thread
	added := NewMoment(2)
	worker := Start(func() {
		wg.Add(1)
		added.Pass()
		UntilBlocked(&wg, 1)
		wg.Done()
	})
	added.Pass()
	select {
	case <-StartWait(&wg):
	case <-never:
		Fail("timed out")
	}
	worker.Join()
})

package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	finished := NewMoment(2)
	worker := Start(func() {
		wg.Add(1)
		wg.Done()
		finished.Pass()
	})
	finished.Pass()
	wg.Wait()
	worker.Join()
})

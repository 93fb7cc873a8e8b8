package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	finished := NewMoment(2)
	wg.Add(1)
	worker := Start(func() {
		wg.Done()
		finished.Pass()
	})
	finished.Pass()
	wg.Wait()
	worker.Join()
})

package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	mayStart, finished := NewMoment(2), NewMoment(2)
	result := 0
	worker := Start(func() {
		mayStart.Pass()
		wg.Add(1)
		result = 42
		wg.Done()
		finished.Pass()
	})
	mayStart.Pass()
	finished.Pass()
	wg.Wait()
	result++
	worker.Join()
})

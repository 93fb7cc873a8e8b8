package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	finished := NewMoment(2)
	result := 0
	wg.Add(1)
	worker := Start(func() {
		result = 42
		wg.Done()
		finished.Pass()
	})
	finished.Pass()
	wg.Wait()
	result++
	worker.Join()
})

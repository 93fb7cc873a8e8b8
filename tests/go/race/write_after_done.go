package race

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
		UntilBlocked(&wg, 1)
		wg.Done()
		result = 42
		finished.Pass()
	})
	wg.Wait()
	finished.Pass()
	result++
	worker.Join()
})

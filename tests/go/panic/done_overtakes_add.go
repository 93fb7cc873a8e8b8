package panic

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	handedOver, finished := NewMoment(2), NewMoment(2)
	worker := Start(func() {
		handedOver.Pass()
		wg.Done()
		finished.Pass()
	})
	handedOver.Pass()
	finished.Pass()
	wg.Add(1)
	wg.Wait()
	worker.Join()
})

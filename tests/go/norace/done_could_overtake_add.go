package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	handedOver, counted := NewMoment(2), NewMoment(2)
	worker := Start(func() {
		handedOver.Pass()
		counted.Pass()
		wg.Done()
	})
	handedOver.Pass()
	wg.Add(1)
	counted.Pass()
	wg.Wait()
	worker.Join()
})

package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	waited := NewMoment(2)
	worker := Start(func() {
		waited.Pass()
		wg.Add(1)
		wg.Done()
	})
	wg.Wait()
	waited.Pass()
	worker.Join()
})

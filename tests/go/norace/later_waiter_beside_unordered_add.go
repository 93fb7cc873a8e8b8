package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	second := Start(func() {
		UntilBlocked(&wg, 1)
		wg.Wait()
	})
	wg.Add(1)
	worker := Start(func() {
		UntilBlocked(&wg, 2)
		wg.Done()
	})
	wg.Wait()
	worker.Join()
	second.Join()
})

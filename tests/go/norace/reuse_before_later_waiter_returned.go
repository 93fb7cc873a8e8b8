package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	returned := NewMoment(2)
	wg.Add(1)
	first := Start(wg.Wait)
	second := Start(func() {
		UntilBlocked(&wg, 1)
		wg.Wait()
		returned.Pass()
	})
	UntilBlocked(&wg, 2)
	wg.Done()
	returned.Pass()
	first.Join()
	wg.Add(1)
	wg.Done()
	second.Join()
})

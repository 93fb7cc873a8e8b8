package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	firstIsDone := NewMoment(2)
	one, other := 0, 0
	wg.Add(2)
	a := Start(func() {
		one = 42
		wg.Done()
		firstIsDone.Pass()
	})
	b := Start(func() {
		firstIsDone.Pass()
		UntilBlocked(&wg, 1)
		other = 42
		wg.Done()
	})
	wg.Wait()
	one++
	other++
	a.Join()
	b.Join()
})

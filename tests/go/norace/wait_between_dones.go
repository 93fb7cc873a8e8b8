package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	firstIsDone := NewMoment(2)
	result := 0
	wg.Add(1)
	a := Start(func() {
		result = 1
		wg.Done()
		firstIsDone.Pass()
	})
	b := Start(func() {
		firstIsDone.Pass()
		wg.Wait()
		result = 2
	})
	a.Join()
	b.Join()
	_ = result
})

package race

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	readEarly := NewMoment(2)
	result, seen := 0, 0
	wg.Add(1)
	waiter := Start(func() {
		seen = result
		readEarly.Pass()
		wg.Wait()
	})
	readEarly.Pass()
	result = 42
	wg.Done()
	waiter.Join()
	_ = seen
})

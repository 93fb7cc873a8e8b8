package race

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	result := 0
	wg.Add(1)
	a := Start(func() {
		result = 1
		wg.Wait()
	})
	b := Start(func() {
		UntilBlocked(&wg, 1)
		wg.Wait()
		result = 2
	})
	UntilBlocked(&wg, 2)
	wg.Done()
	a.Join()
	b.Join()
	_ = result
})

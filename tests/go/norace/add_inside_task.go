package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg sync.WaitGroup
	result := 0
	wg.Add(1)
	worker := Start(func() {
		UntilBlocked(&wg, 1)
		result = 41
		wg.Add(1)
		child := Start(func() {
			result++
			wg.Done()
		})
		wg.Done()
		child.Join()
	})
	wg.Wait()
	result++
	worker.Join()
})

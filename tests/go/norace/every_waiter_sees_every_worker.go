package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	const threads = 3
	var wg sync.WaitGroup
	var results, sums [threads]int
	var workers, waiters [threads]Thread
	wg.Add(threads)
	for i := range results {
		result, sum := &results[i], &sums[i]
		workers[i] = Start(func() {
			*result = 42
			wg.Done()
		})
		waiters[i] = Start(func() {
			wg.Wait()
			for _, result := range results {
				*sum += result
			}
		})
	}
	total := 0
	for i := range sums {
		waiters[i].Join()
		workers[i].Join()
		total += sums[i]
	}
	if total != threads*threads*42 {
		Fail("wrong sum")
	}
})

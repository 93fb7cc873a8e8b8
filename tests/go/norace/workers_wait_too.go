package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	const workers = 2
	var wg sync.WaitGroup
	var threads [workers]Thread
	var results [workers]int
	check := func() {
		if results[0]+results[1] != 42 {
			Fail("wrong sum")
		}
	}
	wg.Add(workers)
	for i := range threads {
		result := &results[i]
		threads[i] = Start(func() {
			*result = 21
			wg.Done()
			wg.Wait()
			check()
		})
	}
	wg.Wait()
	check()
	for _, thread := range threads {
		thread.Join()
	}
})

package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	const workers = 1
	var wg sync.WaitGroup
	var threads [workers]Thread
	written := NewMoment(2)
	result := 0
	for i := range threads {
		wg.Add(1)
		threads[i] = Start(func() {
			result = 42
			written.Pass()
			wg.Done()
		})
		written.Pass()
	}
	wg.Wait()
	for _, thread := range threads {
		thread.Join()
	}
	_ = result
})

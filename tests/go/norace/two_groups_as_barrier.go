package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	const rounds, workers = 8, 16
	var arrived, released sync.WaitGroup
	var threads [workers]Thread
	isOpen := false
	for round := 0; round < rounds; round++ {
		arrived.Add(workers)
		released.Add(workers)
		for i := range threads {
			threads[i] = Start(func() {
				arrived.Done()
				released.Wait()
				if !isOpen {
					Fail("released too early")
				}
			})
		}
		arrived.Wait()
		for i := 0; i < workers-1; i++ {
			released.Done()
		}
		isOpen = true
		released.Done()
		for _, thread := range threads {
			thread.Join()
		}
		isOpen = false
	}
})

package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg, broken sync.WaitGroup
	var mutex sync.Mutex
	written := NewMoment(2)
	guarded, result := 0, 0
	Recover(broken.Done)
	wg.Add(1)
	worker := Start(func() {
		mutex.Lock()
		guarded++
		mutex.Unlock()
		wg.Done()
		result = 42
		written.Pass()
	})
	mutex.Lock()
	guarded++
	mutex.Unlock()
	wg.Wait()
	guarded++
	written.Pass()
	worker.Join()
	result++
})

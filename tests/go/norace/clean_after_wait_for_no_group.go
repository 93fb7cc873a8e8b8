package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var wg, broken sync.WaitGroup
	var none *sync.WaitGroup
	var mutex sync.Mutex
	guarded, result := 0, 0
	Recover(func() {
		defer none.Wait()
		broken.Done()
	})
	wg.Add(1)
	worker := Start(func() {
		mutex.Lock()
		guarded++
		mutex.Unlock()
		result = 42
		wg.Done()
	})
	mutex.Lock()
	guarded++
	mutex.Unlock()
	wg.Wait()
	result++
	worker.Join()
})

package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var none *sync.WaitGroup
	var mutex sync.Mutex
	recovered := NewMoment(2)
	guarded := 0
	waiter := Start(func() {
		Recover(none.Wait)
		recovered.Pass()
		mutex.Lock()
		guarded++
		mutex.Unlock()
	})
	mutex.Lock()
	guarded++
	mutex.Unlock()
	recovered.Pass()
	waiter.Join()
})

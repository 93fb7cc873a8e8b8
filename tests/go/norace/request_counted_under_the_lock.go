package norace

import (
	"sync"

	. "twins/twin"
)

var _ = Twin(func() {
	var requests sync.WaitGroup
	var lock sync.Mutex
	closed, served := false, 0
	counted := NewMoment(2)
	count := func() bool {
		lock.Lock()
		defer lock.Unlock()
		if !closed {
			requests.Add(1)
		}
		return !closed
	}
	request := Start(func() {
		inTime := count()
		counted.Pass()
		if !inTime {
			return
		}
		UntilBlocked(&requests, 1)
		served = 1
		requests.Done()
	})
	counted.Pass()
	lock.Lock()
	closed = true
	lock.Unlock()
	late := Start(func() { count() })
	requests.Wait()
	served++
	request.Join()
	late.Join()
})

package race

import (
	"sync"
	"sync/atomic"

	. "twins/twin"
)

var _ = Twin(func() {
	var requests sync.WaitGroup
	var closed int32
	asked, counted := NewMoment(2), NewMoment(2)
	request := Start(func() {
		if atomic.LoadInt32(&closed) != 0 {
			return
		}
		asked.Pass()
		requests.Add(1)
		counted.Pass()
		UntilBlocked(&requests, 1)
		requests.Done()
	})
	asked.Pass()
	atomic.StoreInt32(&closed, 1)
	counted.Pass()
	requests.Wait()
	request.Join()
})

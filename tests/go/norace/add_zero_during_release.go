package norace

import (
	"sync"
	"sync/atomic"

	. "twins/twin"
)

var _ = Twin(func() {
	const rounds = 100000
	var wg sync.WaitGroup
	var stop uint32
	adder := Start(func() {
		for atomic.LoadUint32(&stop) == 0 {
			wg.Add(0)
		}
	})
	for round := 0; round < rounds; round++ {
		Go(&wg, func() {
			UntilBlocked(&wg, 1)
		})
		wg.Wait()
	}
	atomic.StoreUint32(&stop, 1)
	adder.Join()
})
